(() => {
  'use strict';
  const [method, text, count] = ['method', 'text', 'count'].map(id => document.getElementById(id));
  const images = [...document.getElementById('images').children];
  const maps = [...document.querySelectorAll('[data-method]')];

  function filter() {
    const part = text.value.trim().toLowerCase();
    let shown = 0;
    for (const image of images) {
      image.hidden = !image.dataset.text.toLowerCase().includes(part);
      shown += image.hidden ? 0 : 1;
    }
    for (const map of maps) {
      map.hidden = method.value !== '' && map.dataset.method !== method.value;
    }
    count.textContent = shown === images.length ? `${shown} images` : `${shown} of ${images.length} images`;
  }

  method.addEventListener('change', filter);
  text.addEventListener('input', filter);
  // Without a script, all maps are shown and there is nothing to choose.
  document.getElementById('controls').hidden = false;
})();
