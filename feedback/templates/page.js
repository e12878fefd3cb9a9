// Sort a table by the column whose heading is pressed; numbers as numbers, text by the reader's language.
document.querySelectorAll("table.sortable").forEach(function (table) {
  table.querySelectorAll("thead th").forEach(function (th, column) {
    var button = document.createElement("span"); // a real button is not painted again on the next printed page
    button.className = "sort";
    button.setAttribute("role", "button");
    button.tabIndex = 0;
    button.addEventListener("keydown", function (event) {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); button.click(); }
    });
    while (th.firstChild) button.appendChild(th.firstChild);
    th.appendChild(button);
    button.addEventListener("click", function () {
      var up = th.getAttribute("aria-sort") !== "ascending";
      table.querySelectorAll("th").forEach(function (other) { other.removeAttribute("aria-sort"); });
      th.setAttribute("aria-sort", up ? "ascending" : "descending");
      var body = table.tBodies[0];
      var text = function (row) { return row.cells[column].dataset.sort || row.cells[column].textContent.trim(); };
      Array.from(body.rows)
        .sort(function (a, b) { return (up ? 1 : -1) * text(a).localeCompare(text(b), "zh", { numeric: true }); })
        .forEach(function (row) { body.appendChild(row); });
    });
  });
});
// A rule's rows may be folded: a link to them opens them, and printing opens all.
function unfold() {
  var target = document.getElementById(location.hash.slice(1));
  if (target && target.tagName === "DETAILS") { target.open = true; target.scrollIntoView(); }
}
window.addEventListener("hashchange", unfold);
window.addEventListener("beforeprint", function () {
  document.querySelectorAll("details").forEach(function (folded) { folded.open = true; });
});
unfold();
