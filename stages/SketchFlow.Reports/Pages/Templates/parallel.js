(() => {
  'use strict';
  // The search of the table of runs chooses the lines too.
  document.addEventListener('filtered', event => {
    const table = event.target;
    if (table.tHead.rows[0].cells[0].textContent !== 'run') {
      return;
    }
    const shown = new Set([...table.tBodies[0].rows].filter(row => !row.hidden).map(row => row.cells[0].textContent));
    for (const line of document.querySelectorAll('.parallel [data-run]')) {
      line.toggleAttribute('hidden', !shown.has(line.dataset.run));
    }
  });
})();
