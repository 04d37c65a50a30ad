// Closes Datasette's small menus when somebody clicks elsewhere or presses Escape, and names the
// SQL editor's text field for a screen reader.
(() => {
  "use strict";
  const close = (except) =>
    document.querySelectorAll("details.nav-menu[open], details.actions-menu-links[open]").forEach((menu) => {
      if (!except || !menu.contains(except)) menu.removeAttribute("open");
    });
  document.addEventListener("click", (event) => close(event.target));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(null); });
  // The editor hides the labelled field and makes one of its own, without a name.
  // It is made in window.onload, which was set before this listener.
  window.addEventListener("load", () =>
    document.querySelectorAll(".CodeMirror textarea").forEach((field) => field.setAttribute("aria-label", "SQL query")));
})();
