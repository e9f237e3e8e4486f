(() => {
  'use strict';
  const leastLabel = 13; // pixels from one name to the next
  const faintest = 0.3; // part of the full colour that the smallest count has

  function parseColour(text) {
    const number = Number.parseInt(text.trim().slice(1), 16);
    return [number >> 16, (number >> 8) & 255, number & 255];
  }

  // Colours of the cells as 256 packed pixels, from the smallest count to 100 %.
  function ramp(background, colour) {
    return Uint32Array.from({ length: 256 }, (_, i) => {
      const part = faintest + (1 - faintest) * i / 255;
      const [r, g, b] = background.map((from, c) => Math.round(from + (colour[c] - from) * part));
      return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
    });
  }

  function shorten(text, most) {
    return text.length > most ? `${text.slice(0, most - 1)}…` : text;
  }

  function explore(root) {
    const parse = name => JSON.parse(root.dataset[name]);
    const [names, support, similar, cells] = [parse('names'), parse('support'), parse('similar'), parse('cells')];
    const classes = names.length;
    const find = selector => root.querySelector(selector);
    const [canvas, status, orderBy, search] = [find('canvas'), find('.matrix-status'), find('.matrix-order'), find('.matrix-search')];
    const context = canvas.getContext('2d');
    const right = new Array(classes).fill(0);
    const counts = new Map();
    for (let i = 0; i < cells.length; i += 3) {
      counts.set(cells[i] * classes + cells[i + 1], cells[i + 2]);
      if (cells[i] === cells[i + 1]) {
        right[cells[i]] = cells[i + 2];
      }
    }
    const numbers = names.map((_, c) => c);
    const recall = c => (support[c] ? right[c] / support[c] : 2);
    const orders = {
      similar,
      number: numbers,
      name: [...numbers].sort((a, b) => names[a].localeCompare(names[b], undefined, { numeric: true }) || a - b),
      recall: [...numbers].sort((a, b) => recall(a) - recall(b) || a - b),
    };
    const level = cells.map((_, i) => (i % 3 === 2 ? Math.min(255, Math.round(255 * Math.sqrt(cells[i] / support[cells[i - 2]]))) : 0));
    let order = similar;
    let place = [];
    // The view: first row and column, and the number of classes that are shown along a side.
    let view = { x: 0, y: 0, span: classes };
    let current = null;
    let marked = -1;
    let scheduled = false;

    function placesOf(list) {
      const places = new Array(classes);
      list.forEach((c, i) => { places[c] = i; });
      return places;
    }

    function layout() {
      const width = canvas.clientWidth;
      const margin = Math.min(130, Math.round(width / 4));
      return { width, margin, side: width - margin, cell: (width - margin) / view.span };
    }

    function clamp() {
      view.span = Math.max(Math.min(classes, 4), Math.min(classes, view.span));
      view.x = Math.max(0, Math.min(classes - view.span, view.x));
      view.y = Math.max(0, Math.min(classes - view.span, view.y));
    }

    function fillCells(pixels, size, ramps) {
      const scale = size / view.span;
      const levels = new Int16Array(size * size).fill(-1);
      for (let i = 0; i < cells.length; i += 3) {
        const [row, column] = [place[cells[i]] - view.y, place[cells[i + 1]] - view.x];
        if (row <= -1 || column <= -1 || row >= view.span || column >= view.span) {
          continue;
        }
        const wrong = cells[i] !== cells[i + 1];
        // Where several cells share a pixel, a mistake hides what is right, and the larger hides the smaller.
        const rank = level[i + 2] + (wrong ? 256 : 0);
        const [top, left] = [Math.max(0, Math.floor(row * scale)), Math.max(0, Math.floor(column * scale))];
        const bottom = Math.min(size, Math.max(top + 1, Math.floor((row + 1) * scale)));
        const end = Math.min(size, Math.max(left + 1, Math.floor((column + 1) * scale)));
        const colour = ramps[wrong ? 1 : 0][level[i + 2]];
        for (let y = top; y < bottom; y++) {
          for (let p = y * size + left, stop = y * size + end; p < stop; p++) {
            if (rank > levels[p]) {
              levels[p] = rank;
              pixels[p] = colour;
            }
          }
        }
      }
    }

    function drawNames(at, style) {
      context.fillStyle = style.getPropertyValue('--text');
      context.font = '12px system-ui, sans-serif';
      context.textBaseline = 'middle';
      const step = Math.max(1, Math.ceil(leastLabel / at.cell));
      const most = Math.floor(at.margin / 6.5);
      for (const isRow of [true, false]) {
        const first = isRow ? view.y : view.x;
        for (let i = Math.ceil(first / step) * step; i < Math.min(classes, first + view.span); i += step) {
          const centre = at.margin + (i + 0.5 - first) * at.cell;
          if (centre < at.margin || centre > at.width) {
            continue;
          }
          context.save();
          context.textAlign = isRow ? 'right' : 'left';
          context.translate(isRow ? at.margin - 5 : centre, isRow ? centre : at.margin - 5);
          context.rotate(isRow ? 0 : -Math.PI / 2);
          context.fillText(shorten(names[order[i]], most), 0, 0, at.margin - 8);
          context.restore();
        }
      }
    }

    function drawMarks(at, style) {
      context.save();
      context.beginPath();
      context.rect(at.margin, at.margin, at.side, at.side);
      context.clip();
      context.strokeStyle = style.getPropertyValue('--text');
      context.lineWidth = 1.5;
      const box = (column, row, width, height) => context.strokeRect(
        at.margin + (column - view.x) * at.cell, at.margin + (row - view.y) * at.cell, width * at.cell, height * at.cell);
      if (marked >= 0) {
        box(0, place[marked], classes, 1);
        box(place[marked], 0, 1, classes);
      }
      if (current) {
        box(current.column, current.row, 1, 1);
        context.setLineDash([3, 4]);
        box(0, current.row, classes, 1);
        box(current.column, 0, 1, classes);
      }
      context.restore();
    }

    function draw() {
      scheduled = false;
      clamp();
      const at = layout();
      if (at.side < 1) {
        return;
      }
      const style = getComputedStyle(root);
      const density = Math.min(2, window.devicePixelRatio || 1);
      canvas.width = Math.round(at.width * density);
      canvas.height = canvas.width;
      const size = Math.round(at.side * density);
      const image = context.createImageData(size, size);
      const background = parseColour(style.getPropertyValue('--background'));
      const pixels = new Uint32Array(image.data.buffer).fill(((255 << 24) | (background[2] << 16) | (background[1] << 8) | background[0]) >>> 0);
      fillCells(pixels, size, ['--accent', '--warning'].map(name => ramp(background, parseColour(style.getPropertyValue(name)))));
      context.putImageData(image, Math.round(at.margin * density), Math.round(at.margin * density));
      context.setTransform(density, 0, 0, density, 0, 0);
      drawNames(at, style);
      drawMarks(at, style);
      context.strokeStyle = style.getPropertyValue('--border');
      context.strokeRect(at.margin, at.margin, at.side, at.side);
      canvas.style.touchAction = view.span < classes ? 'none' : 'pan-x pan-y';
    }

    function redraw() {
      if (!scheduled) {
        scheduled = true;
        requestAnimationFrame(draw);
      }
    }

    function describe() {
      const [target, prediction] = [order[current.row], order[current.column]];
      const count = counts.get(target * classes + prediction) || 0;
      const share = support[target] ? ` (${(100 * count / support[target]).toFixed(2)} %)` : '';
      status.textContent = target === prediction
        ? `${target} ${names[target]}, right: ${count} of ${support[target]} images${share}`
        : `${target} ${names[target]}, predicted as ${prediction} ${names[prediction]}: ${count} of ${support[target]} images${share}`;
    }

    function choose(row, column) {
      current = { row: Math.max(0, Math.min(classes - 1, row)), column: Math.max(0, Math.min(classes - 1, column)) };
      describe();
      redraw();
    }

    function zoom(factor, x, y) {
      const span = Math.max(Math.min(classes, 4), Math.min(classes, view.span * factor));
      view = { x: x - (x - view.x) * span / view.span, y: y - (y - view.y) * span / view.span, span };
      redraw();
    }

    function zoomAtCurrent(factor) {
      const centre = current || { column: view.x + view.span / 2, row: view.y + view.span / 2 };
      zoom(factor, centre.column + 0.5, centre.row + 0.5);
    }

    function pointAt(clientX, clientY) {
      const [box, at] = [canvas.getBoundingClientRect(), layout()];
      return [view.x + (clientX - box.left - canvas.clientLeft - at.margin) / at.cell, view.y + (clientY - box.top - canvas.clientTop - at.margin) / at.cell];
    }

    function chooseAt(clientX, clientY) {
      const [x, y] = pointAt(clientX, clientY);
      if (x >= view.x && y >= view.y && x < classes && y < classes) {
        choose(Math.floor(y), Math.floor(x));
      }
    }

    function showCurrent() {
      view.x = Math.min(current.column, Math.max(view.x, current.column + 1 - view.span));
      view.y = Math.min(current.row, Math.max(view.y, current.row + 1 - view.span));
      redraw();
    }

    const showAll = () => {
      view = { x: 0, y: 0, span: classes };
      redraw();
    };

    const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    canvas.addEventListener('keydown', event => {
      if (event.ctrlKey || event.altKey || event.metaKey) {
        return;
      }
      if (moves[event.key]) {
        const [rows, columns] = moves[event.key];
        choose(current ? current.row + rows : Math.floor(view.y), current ? current.column + columns : Math.floor(view.x));
        showCurrent();
      } else if (event.key === '+' || event.key === '=') {
        zoomAtCurrent(1 / 1.5);
      } else if (event.key === '-') {
        zoomAtCurrent(1.5);
      } else if (event.key === '0') {
        showAll();
      } else {
        return;
      }
      event.preventDefault();
    });
    canvas.addEventListener('wheel', event => {
      // Without focus, the wheel scrolls the page; a pinch on a touchpad arrives as a wheel with Ctrl.
      if (event.ctrlKey || document.activeElement === canvas) {
        event.preventDefault();
        zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / (event.ctrlKey ? 100 : 400)))), ...pointAt(event.clientX, event.clientY));
      }
    }, { passive: false });

    let drag = null;
    canvas.addEventListener('mousedown', event => { drag = pointAt(event.clientX, event.clientY); });
    window.addEventListener('mouseup', () => { drag = null; });
    function pan(clientX, clientY) {
      const [x, y] = pointAt(clientX, clientY);
      view.x += drag[0] - x;
      view.y += drag[1] - y;
      clamp();
      redraw();
    }
    canvas.addEventListener('mousemove', event => {
      if (drag && event.buttons) {
        pan(event.clientX, event.clientY);
      } else {
        chooseAt(event.clientX, event.clientY);
      }
    });

    let pinch = null;
    const distance = touches => Math.hypot(touches[0].clientX - touches[1].clientX, touches[0].clientY - touches[1].clientY);
    canvas.addEventListener('touchstart', event => {
      const touches = event.touches;
      pinch = touches.length === 2 ? distance(touches) : null;
      drag = touches.length === 1 ? pointAt(touches[0].clientX, touches[0].clientY) : null;
      if (pinch) {
        event.preventDefault();
      } else {
        chooseAt(touches[0].clientX, touches[0].clientY);
      }
    }, { passive: false });
    canvas.addEventListener('touchmove', event => {
      const touches = event.touches;
      if (touches.length === 2 && pinch) {
        event.preventDefault();
        const now = distance(touches);
        zoom(pinch / now, ...pointAt((touches[0].clientX + touches[1].clientX) / 2, (touches[0].clientY + touches[1].clientY) / 2));
        pinch = now;
      } else if (touches.length === 1 && drag && view.span < classes) {
        event.preventDefault();
        pan(touches[0].clientX, touches[0].clientY);
      }
    }, { passive: false });
    canvas.addEventListener('touchend', () => { [pinch, drag] = [null, null]; });

    orderBy.addEventListener('change', () => {
      const chosen = current && [order[current.row], order[current.column]];
      order = orders[orderBy.value];
      place = placesOf(order);
      if (chosen) {
        current = { row: place[chosen[0]], column: place[chosen[1]] };
        showCurrent();
      }
      redraw();
    });
    search.addEventListener('input', () => {
      const part = search.value.trim().toLowerCase();
      const found = part ? numbers.filter(c => `${c} ${names[c]}`.toLowerCase().includes(part)) : [];
      const exact = found.find(c => names[c].toLowerCase() === part || String(c) === part);
      marked = found.length === 0 ? -1 : exact ?? found[0];
      if (marked >= 0) {
        current = { row: place[marked], column: place[marked] };
        view.span = Math.min(view.span, 40);
        [view.x, view.y] = [current.column + 0.5 - view.span / 2, current.row + 0.5 - view.span / 2];
        describe();
        status.textContent += found.length > 1 ? `; ${found.length} classes match` : '';
      } else if (part) {
        status.textContent = 'No class matches.';
      }
      redraw();
    });
    find('.matrix-in').addEventListener('click', () => zoomAtCurrent(1 / 1.5));
    find('.matrix-out').addEventListener('click', () => zoomAtCurrent(1.5));
    find('.matrix-all').addEventListener('click', showAll);
    place = placesOf(order);
    new ResizeObserver(redraw).observe(canvas.parentElement);
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
    draw();
  }

  document.querySelectorAll('.matrix').forEach(explore);
})();
