(() => {
  'use strict';
  const list = document.getElementById('cards');
  const [kind, name, text, order] = ['kind', 'class', 'text', 'order'].map(id => document.getElementById(id));
  const count = document.getElementById('count');
  const cards = [...list.children];
  const compare = {
    rank: (a, b) => a.dataset.rank - b.dataset.rank,
    quality: (a, b) => a.dataset.quality - b.dataset.quality || a.dataset.rank - b.dataset.rank,
    given: (a, b) => a.dataset.given.localeCompare(b.dataset.given) || a.dataset.rank - b.dataset.rank,
    suggested: (a, b) => a.dataset.suggested.localeCompare(b.dataset.suggested) || a.dataset.rank - b.dataset.rank,
  };

  function filter() {
    const [part, path] = [name.value.trim().toLowerCase(), text.value.trim().toLowerCase()];
    let shown = 0;
    for (const card of cards) {
      const data = card.dataset;
      const matches = (!kind.value || data.kinds.split(' ').includes(kind.value))
        && (!part || data.given.toLowerCase().includes(part) || data.suggested.toLowerCase().includes(part))
        && (!path || data.id === path || data.path.toLowerCase().includes(path));
      card.hidden = !matches;
      shown += matches ? 1 : 0;
    }
    count.textContent = shown === cards.length ? `${shown} images` : `${shown} of ${cards.length} images`;
  }

  function sort() {
    cards.sort(compare[order.value]);
    list.append(...cards);
  }

  kind.addEventListener('change', filter);
  name.addEventListener('input', filter);
  text.addEventListener('input', filter);
  order.addEventListener('change', sort);
  document.getElementById('reset').addEventListener('click', () => {
    kind.value = name.value = text.value = '';
    order.value = 'rank';
    sort();
    filter();
  });
  // Without a script, all images are shown by rank and there is nothing to choose.
  document.getElementById('controls').hidden = false;
})();
