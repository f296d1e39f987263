// A slider and the number beside it say the same: whichever is moved, the other follows. An extra: without this file the
// sliders are not there, and the numbers are sent by a button.

document.addEventListener("input", (event) => {
  const other = event.target.dataset?.lever && document.getElementById(event.target.dataset.lever);
  if (other && event.target.value !== "") other.value = event.target.value;
});
