// SPDX-License-Identifier: Apache-2.0
"use strict";

const SOON_SECONDS = 60;

const byId = (id) => document.getElementById(id);

/** Makes an element; everything that comes from outside goes in as text, never as markup. */
function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) {
    made.className = className;
  }
  made.append(...children);
  return made;
}

// ---- Run Demo ---------------------------------------------------------------------------------------------------

function setStatus(prefix, state, text, message) {
  const indicator = byId(prefix + "Status");
  indicator.className = "status-indicator" + (state ? " status-" + state : "");
  indicator.querySelector(".status-text").textContent = text;
  byId(prefix + "Message").textContent = message;
}

function setVerdict(state, text) {
  const verdict = byId("verdict");
  verdict.dataset.state = state;
  verdict.textContent = text;
}

function showOutcome(prefix, outcome) {
  setStatus(prefix, outcome.success ? "success" : "error", outcome.success ? "SUCCESS" : "FAILED", outcome.message);
}

/** Puts the words of a refusal before its status, because they say more. */
function explain(status, body) {
  if (status === 403 && body.includes("RBAC")) {
    return "The backend's sidecar knows who is calling, and its policy lets somebody else in. ";
  }
  if (status === 503) {
    return "The frontend's sidecar got no connection that it trusts to the backend's. ";
  }
  if (status === 502) {
    return "The frontend's sidecar does not answer. ";
  }
  return "";
}

function showFailure(status, reason, body) {
  const detail = (body || reason).trim();
  setStatus("fe2be", "error", "FAILED", `Connection failed: HTTP ${status}: ${detail}`);
  setStatus("be2db", "error", "FAILED", "Unable to determine (frontend-to-backend failed)");
  drawChain([{ hop: "frontend-backend", verified: false }]);
  setVerdict("bad", `First failing link: frontend → backend. ${explain(status, detail)}HTTP ${status}: ${detail}`);
}

function showResult(result) {
  showOutcome("fe2be", result.frontend_to_backend);
  showOutcome("be2db", result.backend_to_database);
  const hops = result.evidence || [];
  drawChain(hops);
  drawSightings(hops);
  drawParts(result.parts || {});
  const orders = result.orders || [];
  showOrders(orders);
  const failing = [
    ["frontend → backend", result.frontend_to_backend],
    ["backend → PostgreSQL", result.backend_to_database],
  ].find(([, outcome]) => !outcome.success);
  if (failing) {
    setVerdict("bad", `First failing link: ${failing[0]}. ${failing[1].message}`);
  } else {
    setVerdict("good", `Both connections are proven at both ends. ${hops.length} sightings, ${orders.length} orders, no shared secret.`);
  }
}

async function runDemo() {
  const button = byId("runDemoBtn");
  button.disabled = true;
  byId("loading").classList.remove("hidden");
  byId("ordersSection").classList.add("hidden");
  byId("ordersContainer").replaceChildren();
  document.querySelectorAll(".sightings").forEach((box) => box.replaceChildren());
  setStatus("fe2be", "", "Checking...", "");
  setStatus("be2db", "", "Checking...", "");
  drawChain([]);
  try {
    const response = await fetch("/api/demo");
    if (response.ok) {
      showResult(await response.json());
    } else {
      showFailure(response.status, response.statusText, await response.text());
    }
  } catch (error) {
    setStatus("fe2be", "error", "FAILED", `Connection failed: ${error.message}`);
    setStatus("be2db", "error", "FAILED", "Unable to determine (frontend-to-backend failed)");
    setVerdict("bad", `The frontend itself cannot be reached: ${error.message}`);
  } finally {
    button.disabled = false;
    byId("loading").classList.add("hidden");
  }
}

// ---- The chain --------------------------------------------------------------------------------------------------

const stateOf = (hop) => (hop === undefined ? "idle" : hop.verified ? "good" : "bad");

function drawChain(hops) {
  document.querySelectorAll(".wire.mtls").forEach((wire) => {
    const ends = hops.filter((hop) => hop.hop === wire.dataset.hop);
    wire.dataset.state = ends.length === 0 ? "idle" : ends.every((hop) => hop.verified) ? "good" : "bad";
    wire.querySelectorAll(".end").forEach((end) => {
      const hop = ends.find((candidate) => candidate.seenBy === end.dataset.seenBy);
      end.dataset.state = stateOf(hop);
      end.title = hop ? `${hop.seenBy} ${hop.verified ? "verified" : "did not verify"} ${hop.peer}` : "";
    });
    const version = ends.map((hop) => hop.tlsVersion).find((seen) => seen);
    wire.querySelector(".label").textContent = version ? "m" + version.replace("v", " ") : "mTLS";
  });
}

/** The program at each place, told apart: ours from an original. */
function drawParts(parts) {
  byId("parts").replaceChildren(
    ...Object.entries(parts).map(([place, program]) => {
      const part = element("div", "", element("dt", "", place.replace("-", " ")), element("dd", "", program));
      part.dataset.place = place;
      part.dataset.kind = program.startsWith("countersign ") ? "ours" : "original";
      return part;
    }),
  );
}

function drawSightings(hops) {
  document.querySelectorAll(".sightings").forEach((box) => {
    box.replaceChildren(...hops.filter((hop) => hop.hop === box.dataset.hop).map(sighting));
  });
  tick();
}

function sighting(hop) {
  const box = element("section", "sighting");
  box.dataset.state = stateOf(hop);
  const mark = element("span", "mark", hop.verified ? "✓" : "✕");
  mark.setAttribute("aria-hidden", "true");
  box.append(
    element("h4", "", mark, `${capital(hop.seenBy)} ${hop.verified ? "verified" : "did not verify"} ${hop.peer}`),
  );
  if (hop.peerSpiffeId) {
    box.append(spiffeId(hop.peerSpiffeId));
  }
  if (hop.problem) {
    box.append(element("p", "problem", hop.problem));
  }
  const facts = element("dl", "facts");
  if (hop.peerSpiffeId) {
    fact(facts, "Expires", hop.expiresAt && life(hop.expiresAt));
    fact(facts, "Serial", hop.serial);
    fact(facts, "Session", hop.tlsVersion && `${hop.tlsVersion} ${hop.cipher || ""}`);
  }
  if (hop.details && hop.details.session_user) {
    fact(facts, "Role", hop.details.session_user);
  }
  fact(facts, "Seen in", hop.source, "prose");
  box.append(facts);
  return box;
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** The whole ID, its last segment strong: that is where two IDs differ. Lines break after a slash. */
function spiffeId(id) {
  const parts = id.split(/(?<=[^/:]\/)(?!\/)/);
  const last = parts.pop();
  return element("p", "spiffe-id", ...parts.flatMap((part) => [part, element("wbr")]), element("b", "", last));
}

function fact(list, name, value, className) {
  list.append(
    element("dt", "", name),
    element("dd", value ? className || "" : "not-seen", value || "not seen"),
  );
}

// ---- How long certificates still live ------------------------------------------------------------------------------

function life(expiresAt) {
  const span = element("span", "life");
  span.dataset.expires = expiresAt;
  return span;
}

function tick() {
  document.querySelectorAll(".life").forEach((span) => {
    const left = Math.floor((Date.parse(span.dataset.expires) - Date.now()) / 1000);
    span.dataset.state = left <= 0 ? "over" : left < SOON_SECONDS ? "soon" : "long";
    span.textContent = left <= 0 ? "expired" : "in " + clock(left);
  });
}

function clock(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

// ---- Orders -------------------------------------------------------------------------------------------------------

function showOrders(orders) {
  byId("ordersContainer").replaceChildren(...orders.map(orderCard));
  byId("ordersSection").classList.toggle("hidden", orders.length === 0);
}

function orderCard(order) {
  const status = element("span", "order-status", order.status);
  if (/^[a-z]+$/.test(order.status)) {
    status.classList.add(order.status);
  }
  return element(
    "article",
    "order-card",
    element("h3", "", `Order #${order.id}`),
    element("p", "description", order.description),
    element("p", "meta", element("span", "visually-hidden", "Status: "), status),
    element("p", "meta created", `Created: ${new Date(order.created_at).toLocaleString()}`),
  );
}

// ---- Breaking in ---------------------------------------------------------------------------------------------------

const attempts = () => [...document.querySelectorAll(".attempt")];

function showAttempt(result) {
  const box = attempts().find((candidate) => candidate.dataset.kind === result.kind);
  if (!box) {
    return;
  }
  const state = result.refused ? "refused" : result.attempted ? "in" : "untried";
  const words = {
    refused: `Refused by ${result.by}`,
    in: "Not refused as it should be",
    untried: "Could not be tried",
  };
  box.dataset.state = state;
  box.querySelector(".result").replaceChildren(element("strong", "", words[state]), element("code", "", result.error));
}

async function breakIn(kind) {
  const buttons = document.querySelectorAll(".break-in button");
  const boxes = attempts().filter((box) => !kind || box.dataset.kind === kind);
  buttons.forEach((button) => (button.disabled = true));
  boxes.forEach((box) => {
    box.dataset.state = "idle";
    box.querySelector(".result").textContent = "Trying…";
  });
  try {
    const response = await fetch("/api/break-in" + (kind ? "/" + kind : ""), { method: "POST" });
    if (!response.ok) {
      throw new Error(`HTTP ${response.status}: ${(await response.text()).trim()}`);
    }
    const results = await response.json();
    results.forEach(showAttempt);
    const refused = results.filter((result) => result.refused).length;
    byId("breakInVerdict").textContent = `${refused} of ${results.length} attempts were refused.`;
  } catch (error) {
    boxes.forEach((box) =>
      showAttempt({ kind: box.dataset.kind, attempted: false, refused: false, error: error.message }),
    );
    byId("breakInVerdict").textContent = "The attempts could not be made.";
  } finally {
    buttons.forEach((button) => (button.disabled = false));
  }
}

byId("runDemoBtn").addEventListener("click", runDemo);
byId("breakInBtn").addEventListener("click", () => breakIn(""));
attempts().forEach((box) =>
  box.querySelector("button").addEventListener("click", () => breakIn(box.dataset.kind)),
);
setInterval(tick, 1000);
