(() => {
  'use strict';
  // Only sketchflow serve shows pages over HTTP; from the disk a page asks nobody.
  if (!location.protocol.startsWith('http')) {
    return;
  }

  function addLinks(health) {
    const nav = document.createElement('nav');
    nav.setAttribute('aria-label', 'Site');
    const links = [['/reports/index.html', 'Experiments']];
    if (health.model) {
      links.push(['/draw', 'Draw a sketch'], ['/openapi.json', 'API']);
    }
    nav.append(...links.flatMap(([address, text]) => {
      const link = document.createElement('a');
      [link.href, link.textContent] = [address, text];
      return [link, ' '];
    }));
    document.querySelector('main').prepend(nav);
  }

  fetch('/health').then(answer => answer.json()).then(addLinks);
  const seen = Math.floor(Date.parse(document.lastModified) / 1000);
  const events = new EventSource(`/events?page=${encodeURIComponent(decodeURIComponent(location.pathname))}&seen=${seen}`);
  events.addEventListener('change', () => {
    const field = document.activeElement;
    // A reload would empty the field in which the reader types.
    if (field && field.matches('input') && field.value) {
      field.addEventListener('change', () => location.reload(), { once: true });
    } else {
      location.reload();
    }
  });
})();
