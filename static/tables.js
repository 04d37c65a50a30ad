// Makes Datasette's small menus usable by everybody: they close when somebody clicks elsewhere or
// presses Escape, and the menu of a column, drawn by table.js as a picture to click, is a button.
"use strict";
// What Datasette's table page says in a script inside the page; table.js asks it at each click.
window.DATASETTE_ALLOW_FACET = true;
(() => {
  const close = (except) =>
    document.querySelectorAll("details.nav-menu[open], details.actions-menu-links[open]").forEach((menu) => {
      if (!except || !menu.contains(except)) menu.removeAttribute("open");
    });
  document.addEventListener("click", (event) => close(event.target));

  // Datasette's filters carry no names, which a screen reader needs.
  const NAMES = [["_filter_column", "Column"], ["_filter_op", "How to compare"], ["_filter_value", "Value"], ["_sort", "Sort by"]];
  for (const [field, name] of NAMES)
    document.querySelectorAll(`form.filters [name^="${field}"]`).forEach((one) => {
      if (!one.labels.length) one.setAttribute("aria-label", name);
    });

  // Rows of an answer, which Datasette puts into a box that scrolls and that no key reaches.
  document.querySelectorAll(".table-wrapper:not([tabindex])").forEach((box) => {
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", "Rows");
  });

  let opener = null;
  document.querySelectorAll("th .dropdown-menu-icon").forEach((icon) => {
    icon.setAttribute("role", "button");
    icon.setAttribute("tabindex", "0");
    icon.setAttribute("aria-label", `Sort or count by ${icon.closest("th").dataset.column}`);
    icon.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      opener = icon;
      icon.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
      // A hidden choice of the menu has no size.
      [...document.querySelectorAll(".dropdown-menu a")].find((choice) => choice.offsetHeight)?.focus();
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    close(null);
    if (!opener) return;
    document.body.click();
    opener.focus();
    opener = null;
  });
})();
