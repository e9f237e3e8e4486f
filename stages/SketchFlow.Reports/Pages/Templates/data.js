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

// The map: points on one canvas, and the chosen image with lines to its neighbours on another one above it.
(() => {
  'use strict';
  const map = document.getElementById('map');
  if (!map) {
    return;
  }

  const find = name => document.getElementById(`map-${name}`);
  const [canvas, marks, shown, choice] = [find('points'), find('marks'), find('shown'), find('class')];
  const classes = [...find('legend').children].map(item => item.textContent);
  const points = find('data').textContent.split('\n').filter(line => line).map(line => {
    const [x, y, kind, neighbours, name] = line.split('\t');
    return { x: +x, y: +y, kind: +kind, neighbours: neighbours ? neighbours.split(',').map(Number) : [], name };
  });

  // Colours of Okabe and Ito, darker on light paper; where there are more classes, shapes tell them apart.
  const isDark = matchMedia('(prefers-color-scheme: dark)');
  const light = ['#0072b2', '#b85600', '#00795a', '#a8518a', '#2a8fc4', '#8f6a00', '#3d3d3d'];
  const dark = ['#56b4e9', '#ff9d57', '#2fc79a', '#e79ac6', '#8fb4ff', '#f0e442', '#d8d8d8'];
  const shapes = [
    (c, r) => c.arc(0, 0, r, 0, 7),
    (c, r) => c.rect(-r * .85, -r * .85, 1.7 * r, 1.7 * r),
    (c, r) => polygon(c, r * 1.2, 3, -90),
    (c, r) => polygon(c, r * 1.2, 4, -90),
    (c, r) => polygon(c, r * 1.2, 3, 90),
    (c, r) => { c.rect(-r, -r / 3, 2 * r, r / 1.5); c.rect(-r / 3, -r, r / 1.5, 2 * r); },
  ];
  const polygon = (c, r, corners, turn) => {
    for (let i = 0; i < corners; i++) {
      const angle = (turn + 360 * i / corners) * Math.PI / 180;
      c.lineTo(r * Math.cos(angle), r * Math.sin(angle));
    }
    c.closePath();
  };

  const ratio = Math.min(2, window.devicePixelRatio || 1);
  const side = 14;
  const draw = (target, kind, radius) => {
    target.width = target.height = side * ratio;
    const c = target.getContext('2d');
    c.setTransform(ratio, 0, 0, ratio, side * ratio / 2, side * ratio / 2);
    c.fillStyle = (isDark.matches ? dark : light)[kind % light.length];
    c.beginPath();
    shapes[Math.floor(kind / light.length) % shapes.length](c, radius);
    c.fill();
    return target;
  };

  let [stamps, zoom, left, top, width, height, chosen, waiting] = [[], 1, 0, 0, 1, 1, -1, false];
  const scale = () => .47 * Math.min(width, height) * zoom;
  const place = point => [width / 2 + (point.x - left) * scale(), height / 2 + (point.y - top) * scale()];
  const isIn = (x, y) => x > -side && y > -side && x < width + side && y < height + side;

  const paint = () => {
    waiting = false;
    const c = canvas.getContext('2d');
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.clearRect(0, 0, width, height);
    const only = choice.value === '' ? -1 : +choice.value;
    // The chosen class lies above the others.
    for (const isLast of only < 0 ? [true] : [false, true]) {
      c.globalAlpha = isLast ? .85 : .12;
      for (const point of points) {
        if (only >= 0 && (point.kind === only) !== isLast) {
          continue;
        }
        const [x, y] = place(point);
        if (isIn(x, y)) {
          c.drawImage(stamps[point.kind], x - side / 2, y - side / 2, side, side);
        }
      }
    }
    mark();
  };

  const mark = () => {
    const c = marks.getContext('2d');
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.clearRect(0, 0, width, height);
    if (chosen < 0) {
      return;
    }
    const [x, y] = place(points[chosen]);
    c.strokeStyle = getComputedStyle(canvas).color;
    for (const other of points[chosen].neighbours) {
      const [toX, toY] = place(points[other]);
      c.lineWidth = 1;
      c.beginPath();
      c.moveTo(x, y);
      c.lineTo(toX, toY);
      c.stroke();
      c.beginPath();
      c.arc(toX, toY, 6, 0, 7);
      c.stroke();
    }
    c.lineWidth = 3;
    c.beginPath();
    c.arc(x, y, 8, 0, 7);
    c.stroke();
  };

  const repaint = () => {
    if (!waiting) {
      waiting = true;
      requestAnimationFrame(paint);
    }
  };

  const name = at => `${points[at].name}, ${classes[points[at].kind]}`;
  const choose = at => {
    if (at < 0 || at === chosen) {
      return;
    }
    chosen = at;
    canvas.dataset.chosen = points[at].name;
    const title = document.createElement('p');
    const strong = document.createElement('b');
    strong.textContent = name(at);
    title.append(strong, points[at].neighbours.length ? '; nearest images:' : '');
    const list = document.createElement('ol');
    for (const other of points[at].neighbours) {
      const item = document.createElement('li');
      item.textContent = name(other);
      list.append(item);
    }
    shown.replaceChildren(title, list);
    mark();
  };

  // Returns the point with the least cost, or -1.
  const best = cost => {
    let [found, least] = [-1, Infinity];
    points.forEach((point, at) => {
      const value = cost(...place(point), at);
      if (value < least) {
        [found, least] = [at, value];
      }
    });
    return found;
  };
  const nearest = (x, y, reach) => best((px, py) => {
    const distance = Math.hypot(px - x, py - y);
    return distance <= reach ? distance : Infinity;
  });

  const zoomBy = (factor, x = width / 2, y = height / 2) => {
    const before = scale();
    zoom = Math.min(200, Math.max(1, zoom * factor));
    left += (x - width / 2) * (1 / before - 1 / scale());
    top += (y - height / 2) * (1 / before - 1 / scale());
    limit();
  };
  const limit = () => {
    [left, top] = zoom === 1 ? [0, 0] : [Math.min(1, Math.max(-1, left)), Math.min(1, Math.max(-1, top))];
    canvas.dataset.zoom = zoom.toFixed(2);
    repaint();
  };
  const whole = () => {
    zoom = 1;
    limit();
  };

  const fingers = new Map();
  const apart = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a[0] - b[0], a[1] - b[1]);
  };
  const release = event => fingers.delete(event.pointerId);
  canvas.addEventListener('pointerdown', event => {
    fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
    choose(nearest(event.offsetX, event.offsetY, 24));
  });
  canvas.addEventListener('pointermove', event => {
    const [x, y] = [event.offsetX, event.offsetY];
    const last = fingers.get(event.pointerId);
    if (!last) {
      choose(nearest(x, y, 16));
    } else if (fingers.size === 2) {
      const before = apart();
      fingers.set(event.pointerId, [x, y]);
      const [a, b] = [...fingers.values()];
      zoomBy(apart() / Math.max(1, before), (a[0] + b[0]) / 2, (a[1] + b[1]) / 2);
    } else {
      fingers.set(event.pointerId, [x, y]);
      left -= (x - last[0]) / scale();
      top -= (y - last[1]) / scale();
      limit();
    }
  });
  ['pointerup', 'pointercancel', 'pointerleave'].forEach(kind => canvas.addEventListener(kind, release));
  canvas.addEventListener('wheel', event => {
    event.preventDefault();
    zoomBy(Math.exp(-Math.max(-200, Math.min(200, event.deltaY)) / 250), event.offsetX, event.offsetY);
  }, { passive: false });

  const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  // The next image in a direction, within 45 degrees of it.
  const step = ([dx, dy]) => {
    if (chosen < 0) {
      return choose(nearest(width / 2, height / 2, Infinity));
    }
    const [x, y] = place(points[chosen]);
    choose(best((px, py, at) => {
      const [along, aside] = [(px - x) * dx + (py - y) * dy, Math.abs((px - x) * dy) + Math.abs((py - y) * dx)];
      return at !== chosen && along > 0 && aside <= along ? along + 2 * aside : Infinity;
    }));
    if (!isIn(...place(points[chosen]).map(v => v + side * Math.sign(v - side)))) {
      [left, top] = [points[chosen].x, points[chosen].y];
      limit();
    }
  };
  canvas.addEventListener('keydown', event => {
    const action = directions[event.key] ? () => step(directions[event.key])
      : { '+': () => zoomBy(1.5), '=': () => zoomBy(1.5), '-': () => zoomBy(1 / 1.5), 0: whole }[event.key];
    if (action && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      action();
    }
  });
  canvas.addEventListener('focus', () => chosen < 0 && choose(nearest(width / 2, height / 2, Infinity)));
  find('in').addEventListener('click', () => zoomBy(1.5));
  find('out').addEventListener('click', () => zoomBy(1 / 1.5));
  find('whole').addEventListener('click', whole);
  choice.addEventListener('change', repaint);

  const prepare = () => {
    stamps = classes.map((_, kind) => draw(document.createElement('canvas'), kind, 3.2));
    [...find('legend').children].forEach((item, kind) => {
      item.querySelector('canvas')?.remove();
      item.prepend(draw(document.createElement('canvas'), kind, 5.5));
    });
    repaint();
  };
  map.hidden = false;
  new ResizeObserver(() => {
    [width, height] = [canvas.clientWidth || 1, canvas.clientHeight || 1];
    for (const layer of [canvas, marks]) {
      [layer.width, layer.height] = [width * ratio, height * ratio];
    }
    repaint();
  }).observe(canvas);
  isDark.addEventListener('change', prepare);
  prepare();
})();
