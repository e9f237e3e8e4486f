(() => {
  'use strict';

  // Each list has a search field and any number of choices; a choice compares one of the list's data attributes.
  for (const controls of document.querySelectorAll('[data-list]')) {
    const list = document.getElementById(controls.dataset.list);
    const count = document.getElementById(`${controls.dataset.list}-count`);
    const items = [...list.children].map(element => ({ element, text: element.dataset.text.toLowerCase() }));
    const search = controls.querySelector('input');
    const choices = [...controls.querySelectorAll('select[data-key]')];

    const filter = () => {
      const part = search.value.trim().toLowerCase();
      let shown = 0;
      for (const { element, text } of items) {
        const matches = text.includes(part)
          && choices.every(choice => !choice.value || element.dataset[choice.dataset.key].split('|').includes(choice.value));
        element.hidden = !matches;
        shown += matches ? 1 : 0;
      }
      count.textContent = shown === items.length ? `${shown} ${list.dataset.unit}` : `${shown} of ${items.length} ${list.dataset.unit}`;
    };

    search.addEventListener('input', filter);
    choices.forEach(choice => choice.addEventListener('change', filter));
    // Without a script, everything is shown and there is nothing to choose.
    controls.hidden = false;
  }

  const classes = document.getElementById('classes');
  const cards = [...classes.children];
  const compare = {
    most: (a, b) => b.dataset.images - a.dataset.images,
    fewest: (a, b) => a.dataset.images - b.dataset.images,
    name: (a, b) => a.dataset.text.localeCompare(b.dataset.text),
  };
  document.getElementById('order').addEventListener('change', event => {
    const order = compare[event.target.value];
    classes.append(...(order ? cards.toSorted(order) : cards));
  });
})();
