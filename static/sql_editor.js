// The SQL editor of a query page, over Datasette's own copies of CodeMirror and the formatter.
// Datasette has the same lines inside its page, where the page's policy allows no script.
(() => {
  "use strict";
  const format = document.getElementById("sql-format");
  const shown = document.getElementById("sql-query");
  const field = document.getElementById("sql-editor");
  const offer = (action) => {
    if (!format || !window.sqlFormatter) return;
    format.hidden = false;
    format.addEventListener("click", action);
  };
  if (field && window.CodeMirror) {
    const editor = CodeMirror.fromTextArea(field, { lineNumbers: true, mode: "text/x-sql", lineWrapping: true });
    // Tab leaves the editor, as it leaves any other field.
    editor.setOption("extraKeys", { "Shift-Enter": () => field.form.requestSubmit(), Tab: false, "Shift-Tab": false });
    // The editor hides the labelled field and makes one of its own, without a name.
    editor.getInputField().setAttribute("aria-label", "SQL query");
    if (window.cmResize) cmResize(editor, { resizableWidth: false });
    offer(() => editor.setValue(sqlFormatter.format(editor.getValue())));
  } else if (shown) {
    offer(() => { shown.textContent = sqlFormatter.format(shown.textContent); });
  }
})();
