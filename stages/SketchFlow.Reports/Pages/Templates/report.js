(() => {
  'use strict';
  const mostWithoutSearch = 15;

  function value(row, column) {
    const text = row.cells[column].textContent;
    const number = Number.parseFloat(text);
    return Number.isNaN(number) ? null : number;
  }

  function compare(column, isNumber, sign) {
    return (a, b) => {
      if (!isNumber) {
        return sign * a.cells[column].textContent.localeCompare(b.cells[column].textContent, undefined, { numeric: true });
      }
      const [x, y] = [value(a, column), value(b, column)];
      // Cells without a number come last in either order.
      return x === null || y === null ? (x === null) - (y === null) : sign * (x - y);
    };
  }

  function sortBy(table, heading, column) {
    const isNumber = heading.classList.contains('number');
    const was = heading.getAttribute('aria-sort');
    const descending = was ? was === 'ascending' : isNumber;
    for (const other of table.tHead.rows[0].cells) {
      other.removeAttribute('aria-sort');
    }
    heading.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    const body = table.tBodies[0];
    body.append(...[...body.rows].sort(compare(column, isNumber, descending ? -1 : 1)));
  }

  function makeSortable(table) {
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      if (!heading.textContent) {
        return;
      }
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = heading.textContent;
      button.addEventListener('click', () => sortBy(table, heading, column));
      heading.replaceChildren(button);
    });
  }

  function makeSearchable(table) {
    const rows = [...table.tBodies[0].rows];
    const [search, label] = [document.createElement('div'), document.createElement('label')];
    search.className = 'search';
    const [input, count] = [document.createElement('input'), document.createElement('span')];
    input.type = 'search';
    count.setAttribute('role', 'status');
    count.textContent = `${rows.length} rows`;
    const texts = rows.map(row => [...row.cells].map(cell => cell.textContent).join(' ').toLowerCase());
    input.addEventListener('input', () => {
      const part = input.value.trim().toLowerCase();
      let shown = 0;
      rows.forEach((row, i) => {
        row.hidden = !texts[i].includes(part);
        shown += row.hidden ? 0 : 1;
      });
      count.textContent = `${shown} of ${rows.length} rows`;
      table.dispatchEvent(new Event('filtered', { bubbles: true }));
    });
    label.append('Search ', input);
    search.append(label, ' ', count);
    table.parentElement.before(search);
  }

  for (const table of document.querySelectorAll('table.sortable')) {
    const rows = table.tBodies[0].rows.length;
    if (rows > 1) {
      makeSortable(table);
    }
    if (rows > mostWithoutSearch) {
      makeSearchable(table);
    }
  }
})();
