// The map beside the list: own outlines, own labels, no tile server.
(() => {
  "use strict";
  const METRES_A_MILE = 1609.344;
  const COUNTIES_FROM = 7;
  const ROUGH = { postcode: 2500, city: 4500 };

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const fetchJson = async (address) => {
    const reply = await fetch(address);
    if (!reply.ok) throw new Error(`${address}: ${reply.status}`);
    return reply.json();
  };
  const element = (name, text, className) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (className) made.className = className;
    return made;
  };
  const badge = (className, text) => {
    const outer = element("span");
    outer.append(element("span", text));
    return L.divIcon({ className, html: outer, iconSize: [44, 44], iconAnchor: [22, className.startsWith("pin") ? 36 : 22] });
  };

  window.needlepointMap = async (side) => {
    const here = side.dataset;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const centre = L.latLng(Number(here.latitude), Number(here.longitude));
    const map = L.map("map", {
      maxZoom: 13, minZoom: 3, zoomSnap: 0.5, preferCanvas: true, worldCopyJump: false,
      zoomAnimation: !still, fadeAnimation: !still, markerZoomAnimation: !still,
      maxBounds: [[-20, -230], [76, -30]], zoomControl: false,
    });
    map.getContainer().setAttribute("role", "group");
    map.getContainer().setAttribute("aria-label", here.wordsName);
    map.attributionControl.setPrefix(false);
    map.attributionControl.addAttribution("Census Bureau, Natural Earth, GeoNames");
    L.control.zoom({ position: "topright" }).addTo(map);
    // A state is searched whole, without a radius: the map then shows what was found.
    const miles = Number(here.miles);
    if (miles) map.fitBounds(centre.toBounds(miles * METRES_A_MILE * 2), { animate: false });
    else map.setView(centre, 6, { animate: false });

    const [us, points] = await Promise.all([
      fetchJson(`${here.static}basemap/us.json?v=${here.versionBase}`),
      fetchJson(here.points),
    ]);

    // ---- outlines -------------------------------------------------------------------------------
    const layers = [];
    const outline = (object, topology, style, pane) => {
      const shown = () => ({ ...style(), interactive: false });
      const layer = L.geoJSON(topojson.feature(topology, object), {
        style: shown, interactive: false, pane, renderer: renderers[pane],
      }).addTo(map);
      layers.push([layer, shown]);
      return layer;
    };
    const renderers = {};
    ["outlines", "counties"].forEach((pane, i) => {
      map.createPane(pane).style.zIndex = String(200 + i * 10);
      renderers[pane] = L.canvas({ pane, padding: 0.4 });
    });
    const { neighbours, lakes, states } = us.objects;
    outline(neighbours, us, () => ({ fillColor: colour("--abroad"), fillOpacity: 1, weight: 0 }), "outlines");
    outline(lakes, us, () => ({ fillColor: colour("--water"), fillOpacity: 1, weight: 0 }), "outlines");
    outline(states, us, () => ({ fillColor: colour("--land"), fillOpacity: 1, color: colour("--border"), weight: 1.2 }), "outlines");
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
      layers.forEach(([layer, style]) => layer.setStyle(style())));

    const stateBoxes = states.geometries.map((state) => [
      state.id, L.geoJSON(topojson.feature(us, state)).getBounds(),
    ]);
    const towns = new Map();
    us.places.forEach(([name, lat, lon, people, code]) => towns.set(`${name},${code}`, [name, lat, lon, people]));
    const loaded = new Set();
    const loadStates = async () => {
      if (map.getZoom() < COUNTIES_FROM) return;
      const view = map.getBounds();
      const wanted = stateBoxes.filter(([code, box]) => code && !loaded.has(code) && box.intersects(view));
      await Promise.all(wanted.map(async ([code]) => {
        loaded.add(code);
        try {
          const state = await fetchJson(`${here.static}basemap/state/${code}.json?v=${here.versionBase}`);
          outline(state.objects.counties, state, () => ({ color: colour("--county"), weight: 1 }), "counties");
          state.places.forEach(([name, lat, lon, people]) => towns.set(`${name},${code}`, [name, lat, lon, people]));
        } catch (error) {
          console.warn(error.message);
        }
      }));
      if (wanted.length) label();
    };

    // ---- labels: the largest towns that fit without touching each other ---------------------------
    const pane = map.createPane("towns");
    pane.style.zIndex = "250";
    pane.style.pointerEvents = "none";
    pane.setAttribute("aria-hidden", "true");
    const labels = L.layerGroup().addTo(map);
    const label = () => {
      labels.clearLayers();
      const view = map.getBounds();
      const zoom = map.getZoom();
      const taken = [];
      const inView = [...towns.values()]
        .filter(([, lat, lon]) => view.contains([lat, lon]))
        .sort((a, b) => b[3] - a[3]);
      let room = 45;
      for (const [name, lat, lon, people] of inView) {
        if (!room) break;
        const at = map.latLngToContainerPoint([lat, lon]);
        const wide = name.length * 4.2 + 14;
        const box = [at.x - wide, at.y - 4, at.x + wide, at.y + 22];
        if (taken.some((b) => box[0] < b[2] && box[2] > b[0] && box[1] < b[3] && box[3] > b[1])) continue;
        taken.push(box);
        room -= 1;
        const big = people > (zoom < 7 ? 500000 : 80000);
        labels.addLayer(L.marker([lat, lon], {
          pane: "towns", interactive: false, keyboard: false,
          icon: L.divIcon({ className: big ? "town big" : "town", html: element("span", name), iconSize: null }),
        }));
      }
    };

    // ---- streets of another server: asked for nothing until the visitor presses the button -----------
    const streets = side.querySelector(".map-streets");
    if (streets) {
      const tiles = L.tileLayer(streets.dataset.tiles, {
        maxZoom: 19, referrerPolicy: streets.dataset.sendOrigin ? "origin" : "no-referrer",
      });
      const button = document.createElement("button");
      button.type = "button";
      button.className = "action";
      const show = (on) => {
        if (on) tiles.addTo(map);
        else tiles.remove();
        map.setMaxZoom(on ? 19 : 13);
        ["outlines", "counties", "towns"].forEach((pane) => { map.getPane(pane).style.display = on ? "none" : ""; });
        button.setAttribute("aria-pressed", String(on));
        button.textContent = on ? streets.dataset.wordsHide : streets.dataset.wordsShow;
      };
      button.addEventListener("click", () => show(button.getAttribute("aria-pressed") !== "true"));
      show(false);
      streets.prepend(button, " ");
    }

    // ---- how far: rings and the point that distances are measured from ----------------------------
    [5, 10, 25, 50, 100, 250].filter((ring) => ring <= miles && ring >= miles / 10)
      .forEach((ring) => {
        const circle = L.circle(centre, { radius: ring * METRES_A_MILE, interactive: false, fill: false });
        const style = () => ({ color: colour("--soft"), weight: 1, dashArray: "3 5", opacity: 0.7 });
        layers.push([circle, style]);
        circle.setStyle(style()).addTo(map);
      });
    if (miles) L.marker(centre, {
      interactive: false, keyboard: false, zIndexOffset: -500,
      icon: L.divIcon({ className: "centre", html: element("span"), iconSize: [14, 14] }),
    }).addTo(map);

    // ---- results: one mark for one spot, however many names -----------------------------------------
    const numbers = new Map();
    document.querySelectorAll(".card").forEach((card) =>
      numbers.set(card.dataset.id, [card, card.querySelector(".number").dataset.number]));
    const spots = new Map();
    for (const feature of points.features) {
      const [lon, lat] = feature.geometry.coordinates;
      const rough = feature.properties.precision in ROUGH;
      const key = `${lat.toFixed(5)},${lon.toFixed(5)},${rough}`;
      if (!spots.has(key)) spots.set(key, { lat, lon, rough, people: [] });
      spots.get(key).people.push({ ...feature.properties, id: feature.id });
    }
    const bunches = L.markerClusterGroup({
      maxClusterRadius: 90, // marks of 46 px may not cover each other (WCAG 2.5.8)
      showCoverageOnHover: false, animate: !still, spiderfyOnMaxZoom: false, disableClusteringAtZoom: 13,
      zoomToBoundsOnClick: true, removeOutsideVisibleBounds: true, chunkedLoading: true,
      iconCreateFunction: (bunch) => {
        const names = bunch.getAllChildMarkers().reduce((sum, mark) => sum + mark.people.length, 0);
        return L.divIcon({ className: "bunch", html: element("span", String(names)), iconSize: [46, 46] });
      },
    });
    const marks = new Map();
    const areas = L.layerGroup().addTo(map);
    let chosen = null;
    const choose = (id) => {
      document.querySelectorAll(".is-chosen").forEach((one) => one.classList.remove("is-chosen"));
      chosen = id;
      areas.clearLayers();
      if (!id) return;
      numbers.get(id)?.[0].classList.add("is-chosen");
      const mark = marks.get(id);
      if (!mark) return;
      const shown = bunches.getVisibleParent(mark);
      shown?.getElement?.()?.classList.add("is-chosen");
      if (mark.spot.rough) {
        areas.addLayer(L.circle(mark.getLatLng(), {
          radius: ROUGH[mark.people[0].precision], interactive: false, color: colour("--accent"),
          weight: 1.5, dashArray: "4 4", fillOpacity: 0.15,
        }));
      }
    };
    const popup = (spot) => {
      const box = element("div");
      if (spot.rough) box.append(element("p", here.wordsRough, "quiet"));
      const list = element("ul");
      spot.people.forEach((person) => {
        const line = element("li");
        const link = element("a", person.name + (person.credentials ? `, ${person.credentials}` : ""));
        link.href = here.profile + encodeURIComponent(person.id);
        line.append(link);
        if (person.practice && person.practice !== person.name) line.append(element("div", person.practice, "quiet"));
        list.append(line);
      });
      box.append(list);
      return box;
    };
    for (const spot of spots.values()) {
      const mine = spot.people.map((person) => numbers.get(person.id)?.[1]).filter(Boolean);
      const text = spot.people.length > 1 ? `${spot.people.length}×` : mine[0] ?? "";
      const names = spot.people.map((person) => person.name).join(", ");
      const mark = L.marker([spot.lat, spot.lon], {
        icon: badge(spot.rough ? "area" : "pin", text),
        alt: names, title: names, keyboard: true, riseOnHover: true,
      });
      mark.spot = spot;
      mark.people = spot.people;
      // The name begins with what is seen on the mark (WCAG 2.5.3).
      mark.spoken = (text ? `${text}: ` : "") + names + (spot.rough ? `, ${here.wordsRoughMark}` : "");
      mark.bindPopup(() => popup(spot), { maxWidth: 260 });
      // Opening is what a mouse and the Enter key have in common.
      mark.on("popupopen", () => {
        const id = spot.people.find((person) => numbers.has(person.id))?.id ?? spot.people[0].id;
        choose(id);
        const card = numbers.get(id)?.[0];
        if (card && matchMedia("(min-width: 62rem)").matches) {
          card.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
        }
      });
      spot.people.forEach((person) => marks.set(person.id, mark));
      bunches.addLayer(mark);
    }
    map.addLayer(bunches);

    // A screen reader hears what a mark is; Leaflet only gives pictures a name of their own.
    const speak = () => {
      bunches.eachLayer((mark) => {
        const icon = mark.getElement();
        if (icon) name(icon, mark.spoken);
      });
      document.querySelectorAll("#map .bunch").forEach((icon) =>
        name(icon, here.wordsBunch.replace("{n}", icon.textContent)));
    };
    const name = (icon, words) => {
      icon.setAttribute("role", "button");
      icon.setAttribute("tabindex", "0");
      icon.setAttribute("aria-label", words);
    };

    document.querySelectorAll(".card").forEach((card) => {
      const enter = () => { if (chosen !== card.dataset.id) choose(card.dataset.id); };
      // Not mouseenter: a list that scrolls under a mouse at rest chooses nothing.
      card.addEventListener("mousemove", enter);
      card.addEventListener("focusin", enter);
    });

    // Enter on a bunch takes it apart; the focus goes on with the mark nearest to where it was.
    bunches.on("clusterkeypress", ({ layer }) => {
      const at = layer.getLatLng();
      const away = (icon) => map.latLngToContainerPoint(at).distanceTo(L.DomUtil.getPosition(icon).add(L.DomUtil.getPosition(map.getPane("mapPane"))));
      map.once("moveend", () => setTimeout(() => {
        speak();
        const icons = [...document.querySelectorAll("#map .pin, #map .area, #map .bunch")];
        icons.sort((a, b) => away(a) - away(b))[0]?.focus();
      }, still ? 0 : 350));
    });

    map.on("moveend", () => { label(); loadStates(); });
    map.on("moveend zoomend layeradd", () => requestAnimationFrame(speak));
    bunches.on("animationend spiderfied", () => requestAnimationFrame(speak));
    const all = bunches.getBounds();
    const fit = () => {
      map.invalidateSize();
      if (all.isValid()) map.fitBounds(miles ? all.extend(centre) : all, { padding: [36, 44], maxZoom: 12, animate: false });
    };
    fit();
    if (!side.offsetWidth) window.addEventListener("resize", fit, { once: true });
    window.addEventListener("resize", () => map.invalidateSize());
    label();
    loadStates();
    speak();
    side.dataset.ready = "true";
    if (chosen) choose(chosen);
  };
})();
