// Closes Datasette's small menus when somebody clicks elsewhere or presses Escape.
(() => {
  "use strict";
  const close = (except) =>
    document.querySelectorAll("details.nav-menu[open], details.actions-menu-links[open]").forEach((menu) => {
      if (!except || !menu.contains(except)) menu.removeAttribute("open");
    });
  document.addEventListener("click", (event) => close(event.target));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(null); });
})();
