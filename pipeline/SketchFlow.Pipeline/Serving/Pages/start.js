"use strict";

const access = document.getElementById("access");
const message = document.getElementById("message");

access.addEventListener("submit", async event => {
  event.preventDefault();
  const token = document.getElementById("token").value;
  // Only this server receives the cookie, and only from its own pages; it ends with the browser.
  document.cookie = `sketchflow-token=${encodeURIComponent(token)}; path=/; SameSite=Strict`;
  const answer = await fetch("/reports/index.html");
  if (answer.ok) {
    location.href = "/reports/index.html";
  } else {
    message.textContent = "The token is wrong.";
  }
});

// A server without a token, or whose token is known, leads to the experiments itself.
fetch("/reports/index.html").then(answer => { access.hidden = answer.status !== 401; });
