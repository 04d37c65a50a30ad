// Offers to search where the visitor is. Asks only when clicked, and sends no more than a hundredth
// of a degree (about half a mile). All words come from the form's data attributes.
(() => {
  "use strict";
  if (!navigator.geolocation || !window.isSecureContext) return;

  const begin = (form) => {
    const box = form.querySelector('input[name="near"]');
    const words = form.dataset;
    if (!box || !words.locate) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "locate";
    button.textContent = words.locate;
    const said = document.createElement("p");
    said.className = "locate-said";
    said.setAttribute("role", "status");
    const row = document.createElement("div");
    row.className = "search-where";
    row.append(button, said);
    form.append(row);

    const failed = ({ code }) => {
      button.disabled = false;
      said.textContent = code === 1 ? words.locateDenied
        : code === 3 ? words.locateSlow : words.locateUnknown;
      box.focus();
    };

    button.addEventListener("click", () => {
      button.disabled = true;
      said.textContent = words.locateAsking;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          box.value = `${coords.latitude.toFixed(2)},${coords.longitude.toFixed(2)}`;
          button.disabled = false;
          form.requestSubmit();
        },
        failed,
        { enableHighAccuracy: false, timeout: 10000, maximumAge: 600000 },
      );
    });
  };

  document.querySelectorAll("form.search").forEach(begin);
})();
