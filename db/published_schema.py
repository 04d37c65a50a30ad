"""The public database's tables: what a patient's search and a researcher's SQL read.

Every column is described in metadata.yml; a test compares the two. No private column: no e-mail
address, no hash of a person, no reviewer's name.
"""

from __future__ import annotations

TABLES = """
create table source (
    id text primary key,
    title text not null,
    publisher text not null,
    publisher_url text,
    home_url text,
    directory_url text,
    platform text,
    issuer text not null,
    label text,
    meaning text,
    evidence_url text,
    professions text,
    countries text not null,
    status text not null,
    status_reason text not null,
    terms_url text,
    terms_checked_on text,
    terms_decision text not null,
    verdict text,
    verdict_reason text,
    data_as_of text,
    last_attempt text,
    next_due text,
    listings integer not null default 0,
    sample integer not null default 0
) strict;

create table run (
    id text primary key,
    source_id text not null references source(id),
    started_at text not null,
    finished_at text not null,
    platform text,
    pages integer,
    listings integer,
    hidden integer,
    expected integer,
    expected_by text,
    added integer,
    changed integer,
    missing integer,
    returned integer,
    retired integer,
    verdict text not null,
    reason text not null
) strict;
create index run_source on run(source_id, started_at);

create table practitioner (
    id text primary key,
    kind text not null,
    name text not null,
    given text,
    family text,
    credentials text,
    profession text,
    listings integer not null,
    sources integer not null,
    first_seen text not null,
    last_seen text not null,
    changed_at text
) strict;

create table location (
    id integer primary key,
    practitioner_id text not null references practitioner(id),
    practice text,
    street text,
    city text,
    state text,
    postcode text,
    country text,
    phone text,
    phone_extension text,
    website text,
    booking_url text,
    home_visits integer, -- 1 said yes, 0 said no, null not said
    latitude real,
    longitude real,
    precision text,
    point_from text,
    point_note text,
    last_seen text not null
) strict;
create index location_practitioner on location(practitioner_id);
create index location_state on location(state, city);
create index location_seen on location(last_seen);

create table listing (
    id text primary key,
    source_id text not null references source(id),
    practitioner_id text not null references practitioner(id),
    location_id integer not null references location(id),
    run_id text not null references run(id),
    printed_name text,
    printed_credentials text,
    printed_practice text,
    printed_address text,
    printed_phone text,
    printed_website text,
    printed_certification text,
    printed_latitude text,
    printed_longitude text,
    profile_url text,
    seen_url text not null,
    status text not null,
    first_seen text not null,
    last_seen text not null,
    changed_at text,
    confirmed_at text
) strict;
create index listing_practitioner on listing(practitioner_id);
create index listing_location on listing(location_id);
create index listing_source on listing(source_id);
create index listing_run on listing(run_id);

create table certification (
    id integer primary key,
    practitioner_id text not null references practitioner(id),
    listing_id text not null references listing(id),
    source_id text not null references source(id),
    issuer text not null,
    label text not null,
    level text,
    meaning text,
    evidence_url text,
    first_seen text not null,
    seen text not null
) strict;
create index certification_practitioner on certification(practitioner_id);
create index certification_listing on certification(listing_id);
create index certification_source on certification(source_id, label);

create table practitioner_alias (
    old_id text primary key,
    practitioner_id text references practitioner(id),
    since text not null
) strict;
create index practitioner_alias_to on practitioner_alias(practitioner_id);

create table registry (
    practitioner_id text primary key references practitioner(id),
    result text not null,
    npi text,
    taxonomy text,
    profession text,
    state text,
    updated_on text,
    checked_on text not null
) strict;

create table state_rule (
    state text not null,
    state_name text not null,
    profession text not null,
    status text not null,
    basis text not null,
    summary text not null,
    training text, -- required, or null where no source asks for it
    training_hours text,
    signed_on text,
    effective_on text,
    source_title text not null,
    source_url text not null,
    source_date text,
    as_of text,
    checked_on text not null,
    board_url text,
    confidence text not null,
    primary key (state, profession)
) strict;

create table insurance_rule (
    id text primary key,
    payer text not null,
    performed_by text not null,
    status text not null,
    code text,
    summary text not null,
    summary_es text not null,
    source_title text not null,
    source_url text not null,
    as_of text,
    checked_on text not null,
    confidence text not null
) strict;

create table quality (
    goal text not null,
    part text not null,
    title text not null,
    numerator integer,
    denominator integer,
    percent real,
    low real,
    high real,
    target text not null,
    as_of text not null,
    checked_on text,
    method text,
    sql text,
    note text not null,
    unique (goal, part)
) strict;

create table quality_history (
    goal text not null,
    part text not null,
    day text not null,
    method text not null,
    numerator integer not null,
    denominator integer not null,
    primary key (goal, part, day)
) strict;

create table link_check (
    url text primary key,
    kind text not null,
    source_id text not null references source(id),
    listing_id text references listing(id),
    answer text not null,
    status integer,
    failures integer not null,
    checked_at text not null
) strict;

create table hand_check (
    id integer primary key,
    listing_id text not null references listing(id),
    other_id text references listing(id),
    field text not null,
    answer text not null,
    checked_on text not null
) strict;

create table report_count (
    month text not null,
    kind text not null,
    received integer not null,
    answered_in_7_days integer not null,
    waiting integer not null,
    closed integer not null,
    primary key (month, kind)
) strict;

create table release (
    id text primary key,
    built_at text not null,
    practitioners integer not null,
    locations integer not null,
    listings integer not null,
    sources integer not null,
    sample integer not null
) strict;
"""

#: Filled last. location ids are in Morton order: neighbours on earth are neighbours on disk.
SEARCH = """
create virtual table location_rtree using rtree(
    id, min_latitude, max_latitude, min_longitude, max_longitude
);
create virtual table practitioner_fts using fts5(
    name, credentials, practice, city, state,
    content='', tokenize='unicode61 remove_diacritics 2', prefix='2 3 4'
);
"""
