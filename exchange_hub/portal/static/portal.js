// Conveniences only: every page works without this script.
"use strict";

// A batch on its way: ask where it stands and show the result when it is there.
document.querySelectorAll("[data-progress]").forEach(function (steps) {
  var ask = function () {
    fetch(steps.dataset.progress, { headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (batch) {
        if (batch && (batch.state !== "received" || batch.progress !== steps.dataset.seen)) location.reload();
        else setTimeout(ask, 1000);
      })
      .catch(function () { setTimeout(ask, 5000); });
  };
  setTimeout(ask, 500);
});

// Choose all records of the page at once.
document.querySelectorAll(".check-all").forEach(function (all) {
  var boxes = all.form.querySelectorAll("input[name=item]");
  all.closest("label").hidden = boxes.length < 2;
  all.addEventListener("change", function () { boxes.forEach(function (box) { box.checked = all.checked; }); });
});

// An upload shows how far it is; the answer takes the place of the page.
document.querySelectorAll("form.upload").forEach(function (form) {
  form.addEventListener("submit", function (event) {
    var bar = form.querySelector("progress"), said = form.querySelector(".sent-text"), request = new XMLHttpRequest();
    var body = new FormData(form);
    if (event.submitter && event.submitter.name) body.append(event.submitter.name, event.submitter.value);
    event.preventDefault();
    form.querySelectorAll("button").forEach(function (button) { button.disabled = true; });
    bar.hidden = false;
    request.upload.addEventListener("progress", function (step) {
      if (!step.lengthComputable) return;
      bar.value = 100 * step.loaded / step.total;
      said.textContent = step.loaded < step.total ? "已上传 " + Math.floor(bar.value) + "%" : "已上传，正在处理…";
    });
    request.addEventListener("load", function () {
      if (request.responseURL && new URL(request.responseURL).pathname !== new URL(form.action).pathname) {
        location.assign(request.responseURL);
        return;
      }
      var next = new DOMParser().parseFromString(request.responseText, "text/html");
      document.title = next.title;
      document.querySelector("main").replaceWith(document.adoptNode(next.querySelector("main")));
      document.querySelector("main").focus();
    });
    request.addEventListener("error", function () {
      said.textContent = "上传中断，请检查网络后重试。";
      form.querySelectorAll("button").forEach(function (button) { button.disabled = false; });
    });
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "text/html");
    request.send(body);
  });
});

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", function (event) {
  var form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
});
addEventListener("pageshow", function () {
  document.querySelectorAll("form").forEach(function (form) { delete form.dataset.sent; });
});
