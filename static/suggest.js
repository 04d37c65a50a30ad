// Suggests places while somebody types into the search box: the ARIA 1.2 combobox with a list.
// Without this file the form works as it is. All words come from the form's data attributes.
(() => {
  "use strict";
  const WAIT = 120;
  const SHORTEST = 2;

  const begin = (form, number) => {
    const box = form.querySelector('input[name="near"]');
    const words = form.dataset;
    if (!box || !words.suggest) return;

    const list = document.createElement("ul");
    list.id = `suggestions-${number}`;
    list.className = "suggestions";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", words.suggestLabel);
    list.hidden = true;
    const said = document.createElement("p");
    said.className = "unseen";
    said.setAttribute("role", "status");
    box.after(list, said);
    box.setAttribute("role", "combobox");
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", list.id);
    box.setAttribute("aria-expanded", "false");
    box.autocomplete = "off";

    let active = -1;
    let typed = "";
    let timer = 0;
    let asking = null;

    const counted = (text, n) => text.replace("{n}", n.toLocaleString(document.documentElement.lang));

    const mark = (index) => {
      active = index;
      [...list.children].forEach((option, at) =>
        option.setAttribute("aria-selected", String(at === active)));
      const option = list.children[active];
      if (option) {
        box.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      } else {
        box.removeAttribute("aria-activedescendant");
      }
      box.value = option ? option.dataset.near : typed;
    };

    const close = () => {
      clearTimeout(timer);
      asking?.abort();
      list.hidden = true;
      box.setAttribute("aria-expanded", "false");
      box.removeAttribute("aria-activedescendant");
      active = -1;
    };

    const choose = (option) => {
      box.value = option.dataset.near;
      close();
      form.requestSubmit();
    };

    const many = ({ total, more, whole }) => {
      if (whole) return counted(more ? words.suggestMoreWhole : words.suggestWhole, total);
      if (more) return counted(words.suggestMore, total);
      if (total === 0) return words.suggestNobody;
      return total === 1 ? words.suggestOne : counted(words.suggestMany, total);
    };

    const show = (places) => {
      list.replaceChildren(...places.map((place, at) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${at}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.near = place.near;
        const name = document.createElement("span");
        name.textContent = [place.label, place.county].filter(Boolean).join(", ");
        const near = document.createElement("span");
        near.className = "suggestion-count";
        near.textContent = many(place);
        option.append(name, " ", near);
        return option;
      }));
      active = -1;
      list.hidden = places.length === 0;
      box.setAttribute("aria-expanded", String(places.length > 0));
      box.removeAttribute("aria-activedescendant");
      said.textContent = places.length === 0 ? words.foundNone
        : places.length === 1 ? words.foundOne : counted(words.foundMany, places.length);
    };

    const ask = async () => {
      asking?.abort();
      const mine = asking = new AbortController();
      try {
        const address = `${words.suggest}?${new URLSearchParams({ q: typed })}`;
        const answer = await fetch(address, {
          signal: mine.signal, credentials: "omit", cache: "no-store",
        });
        if (!answer.ok) throw new Error(answer.statusText);
        const { suggestions } = await answer.json();
        if (mine === asking && !mine.signal.aborted) show(suggestions);
      } catch {
        // Suggestions are a help; the form answers without them.
        if (mine === asking && !mine.signal.aborted) close();
      }
    };

    box.addEventListener("input", () => {
      typed = box.value;
      clearTimeout(timer);
      asking?.abort();
      if (typed.trim().length < SHORTEST) {
        close();
        said.textContent = "";
      } else {
        timer = setTimeout(ask, WAIT);
      }
    });

    box.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const open = !list.hidden;
      const last = list.children.length - 1;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!open) {
          typed = box.value;
          if (typed.trim().length >= SHORTEST) ask();
          return;
        }
        // One step past either end is the box itself, with what was typed.
        const next = active + (event.key === "ArrowDown" ? 1 : -1);
        mark(next > last ? -1 : next < -1 ? last : next);
      } else if (event.key === "Escape" && open) {
        event.preventDefault();
        box.value = typed;
        close();
      } else if (event.key === "Enter" && open && active >= 0) {
        event.preventDefault();
        choose(list.children[active]);
      }
    });

    // Keeps the focus in the box while an option is pressed.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest('[role="option"]');
      if (option) choose(option);
    });
    box.addEventListener("blur", close);
    form.addEventListener("submit", close);
  };

  document.querySelectorAll("form.search").forEach(begin);
})();
