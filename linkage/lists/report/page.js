// Sorting by a click on a column's head, and everything open when printed. The page is whole without it.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down === 1 ? "ascending" : "descending");
      const value = (row) => row.cells[column].dataset.v ?? row.cells[column].textContent;
      const compare = (a, b) => down * value(a).localeCompare(value(b), undefined, { numeric: false });
      const number = (a, b) => down * (Number(value(a)) - Number(value(b)));
      const body = table.tBodies[0];
      const numeric = body.rows.length > 0 && body.rows[0].cells[column].dataset.v !== undefined;
      body.append(...[...body.rows].sort(numeric ? number : compare));
    });
  });
}
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
