// The camera: what it reads is told to `found`, the same code once for as long as it is held up, where that says that it has
// taken it. The browser reads codes itself where it
// can; else the reader that came along does.

const PAUSE = 110;
// A code that was out of sight for so long is a new one.
const AWAY = 3500;
// More pixels than a code needs only cost time.
const WIDTH = 800;

async function reader(address) {
  if ("BarcodeDetector" in window) {
    const formats = await window.BarcodeDetector.getSupportedFormats();
    if (formats.includes("qr_code")) {
      const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
      return async (video) => (await detector.detect(video))[0]?.rawValue;
    }
  }
  const { decodeQR } = await import(address);
  const canvas = document.createElement("canvas");
  const paper = canvas.getContext("2d", { willReadFrequently: true });
  return (video) => {
    const shrink = Math.min(1, WIDTH / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * shrink);
    canvas.height = Math.round(video.videoHeight * shrink);
    paper.drawImage(video, 0, 0, canvas.width, canvas.height);
    try {
      return decodeQR(paper.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      // No code in sight.
      return undefined;
    }
  };
}

export async function look(video, address, found) {
  const read = await reader(address);
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
  });
  video.srcObject = stream;
  await video.play();
  const [track] = stream.getVideoTracks();
  let last, seen = 0, on = true;

  const turn = async () => {
    if (!on) return;
    const text = document.hidden || video.readyState < 2 ? undefined : await read(video);
    if (text && (text !== last || Date.now() - seen > AWAY)) last = (await found(text)) ? text : undefined;
    if (text) seen = Date.now();
    setTimeout(turn, PAUSE);
  };
  turn();

  return {
    torch: track.getCapabilities?.().torch ? (lit) => track.applyConstraints({ advanced: [{ torch: lit }] }) : null,
    stop() {
      on = false;
      track.stop();
      video.srcObject = null;
    },
  };
}
