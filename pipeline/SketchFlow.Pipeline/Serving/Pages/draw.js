"use strict";

const paper = document.getElementById("paper");
const pen = paper.getContext("2d");
const message = document.getElementById("message");
const classes = document.getElementById("classes");
const fileInput = document.getElementById("file");
const access = document.getElementById("access");

// What is on the paper, oldest first: strokes ({ width, points }) and images ({ file, bitmap }).
let items = [];
let stroke = null;
let timer = 0;
let request = null;
// A token after # stays in the browser: it is not part of any request for a page.
let token = decodeURIComponent(location.hash.slice(1));

function drawStroke({ width, points }) {
  pen.strokeStyle = pen.fillStyle = "#000000";
  pen.lineCap = pen.lineJoin = "round";
  pen.lineWidth = width;
  pen.beginPath();
  if (points.length === 1) {
    pen.arc(points[0].x, points[0].y, width / 2, 0, 2 * Math.PI);
    pen.fill();
    return;
  }
  points.forEach((p, i) => (i === 0 ? pen.moveTo(p.x, p.y) : pen.lineTo(p.x, p.y)));
  pen.stroke();
}

function redraw() {
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, paper.width, paper.height);
  for (const item of items) {
    if (item.bitmap) {
      const scale = Math.min(paper.width / item.bitmap.width, paper.height / item.bitmap.height);
      const [w, h] = [item.bitmap.width * scale, item.bitmap.height * scale];
      pen.drawImage(item.bitmap, (paper.width - w) / 2, (paper.height - h) / 2, w, h);
    } else {
      drawStroke(item);
    }
  }
}

function show(text) {
  message.textContent = text;
}

function showClasses(top) {
  classes.replaceChildren(...top.map(({ class: name, probability }) => {
    const row = document.createElement("li");
    row.className = "class";
    const percent = `${(100 * probability).toFixed(1)} %`;
    const line = document.createElement("span");
    line.className = "name";
    const [left, right] = [document.createElement("span"), document.createElement("span")];
    left.textContent = name;
    right.textContent = percent;
    line.append(left, right);
    const bar = document.createElement("meter");
    bar.min = 0;
    bar.max = 1;
    bar.value = probability;
    bar.setAttribute("aria-label", `${name}: ${percent}`);
    row.append(line, bar);
    return row;
  }));
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(ask, 150);
}

function stopAsking() {
  clearTimeout(timer);
  request?.abort();
  request = null;
}

async function ask() {
  stopAsking();
  if (items.length === 0 && !stroke) {
    classes.replaceChildren();
    show("Nothing is drawn yet.");
    return;
  }
  const mine = request = new AbortController();
  try {
    // A file alone is sent as it is, so that the answer is that of the program for this file.
    const alone = items.length === 1 && !stroke ? items[0].file : undefined;
    const body = alone ?? await new Promise(done => paper.toBlob(done, "image/png"));
    const headers = { "Content-Type": alone ? "application/octet-stream" : "image/png" };
    if (token) {
      headers.Authorization = `Bearer ${token}`;
    }
    const response = await fetch("/predict?top=5", { method: "POST", body, headers, signal: mine.signal });
    const answer = await response.json();
    if (mine !== request) {
      return;
    }
    access.hidden = response.status !== 401;
    if (response.ok) {
      showClasses(answer.top);
      show(`This looks like ${answer.top[0].class}.`);
    } else {
      classes.replaceChildren();
      show(answer.detail);
      if (response.status === 429) {
        later();
      }
    }
  } catch (error) {
    if (error.name !== "AbortError" && mine === request) {
      show("The server does not answer.");
    }
  }
}

async function open(file) {
  try {
    items.push({ file, bitmap: await createImageBitmap(file) });
    redraw();
    later();
  } catch {
    // The browser cannot show it, but the program may know the format, or say what is wrong.
    items = [{ file, bitmap: document.createElement("canvas") }];
    redraw();
    later();
  }
}

function place(event) {
  const box = paper.getBoundingClientRect();
  return { x: (event.clientX - box.left) * paper.width / box.width, y: (event.clientY - box.top) * paper.height / box.height };
}

paper.addEventListener("pointerdown", event => {
  if (event.button !== 0 || stroke) {
    return;
  }
  event.preventDefault();
  paper.setPointerCapture(event.pointerId);
  stroke = { width: Number(document.getElementById("width").value), points: [place(event)], pointer: event.pointerId };
  drawStroke(stroke);
});

paper.addEventListener("pointermove", event => {
  if (stroke?.pointer === event.pointerId) {
    const events = event.getCoalescedEvents?.() ?? [];
    stroke.points.push(...(events.length > 0 ? events : [event]).map(place));
    drawStroke(stroke);
    later();
  }
});

for (const name of ["pointerup", "pointercancel"]) {
  paper.addEventListener(name, event => {
    if (stroke?.pointer === event.pointerId) {
      items.push(stroke);
      stroke = null;
      later();
    }
  });
}

function undo() {
  items.pop();
  redraw();
  later();
}

document.getElementById("undo").addEventListener("click", undo);
document.addEventListener("keydown", event => {
  if ((event.ctrlKey || event.metaKey) && event.key === "z") {
    event.preventDefault();
    undo();
  }
});
document.getElementById("clear").addEventListener("click", () => {
  items = [];
  redraw();
  ask();
});
document.getElementById("choose").addEventListener("click", () => fileInput.click());
fileInput.addEventListener("change", () => {
  if (fileInput.files.length > 0) {
    open(fileInput.files[0]);
    fileInput.value = "";
  }
});
access.addEventListener("submit", event => {
  event.preventDefault();
  token = document.getElementById("token").value;
  access.hidden = true;
  ask();
});

for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, event => {
    event.preventDefault();
    paper.classList.add("target");
  });
}
document.addEventListener("dragleave", () => paper.classList.remove("target"));
document.addEventListener("drop", event => {
  event.preventDefault();
  paper.classList.remove("target");
  if (event.dataTransfer.files.length > 0) {
    open(event.dataTransfer.files[0]);
  }
});

redraw();
