// Buttons that let Plotly export the chart on the page, with its title, base and source.
// Plotly's own camera button does the work: for the time of its click the chart's figure is the
// one to export (light theme, words around it), and its options say which format and how large.

const SIZES = { headline: 18, lines: 13, foot: 11 };

function wrapped(text, size, width) {
  const context = document.createElement("canvas").getContext("2d");
  // Bold, and room to spare: where the image is opened, another typeface may be wider.
  context.font = `bold ${size}px ${getComputedStyle(document.body).fontFamily}`;
  const rows = [""];
  for (const word of text.split(" ")) {
    const longer = rows.at(-1) ? `${rows.at(-1)} ${word}` : word;
    if (context.measureText(longer).width > width * 0.86 && rows.at(-1)) rows.push(word);
    else rows[rows.length - 1] = longer;
  }
  return rows;
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function block(texts, size, width) {
  const rows = texts.flatMap((text) => wrapped(text, size, width));
  return { text: rows.map(escaped).join("<br>"), height: rows.length * size * 1.35 };
}

// `left` is where the plot starts on screen, labels beside its axis included: it stays there.
function withWords(figure, words, width, left) {
  const pad = 20;
  const inner = width - 2 * pad;
  const layout = structuredClone(figure.layout);
  const head = block([words.headline], SIZES.headline, inner);
  const lines = block(words.lines, SIZES.lines, inner);
  const foot = block(words.foot, SIZES.foot, inner);
  const above = head.height + lines.height + 24;
  const below = foot.height + 20;
  const margin = layout.margin;
  const note = (text, size, color, y, yanchor, yshift) => ({
    text, x: 0, y, xref: "paper", yref: "paper", xanchor: "left", yanchor, yshift,
    xshift: -left, align: "left", showarrow: false, font: { size, color },
  });
  layout.annotations = [
    ...(layout.annotations ?? []),
    note(`<b>${head.text}</b>`, SIZES.headline, words.colours.text, 1, "top", margin.t + above),
    note(lines.text, SIZES.lines, words.colours.muted, 1, "top", margin.t + above - head.height - 6),
    note(foot.text, SIZES.foot, words.colours.muted, 0, "bottom", -margin.b - below),
  ];
  layout.margin = { ...margin, l: left + pad, r: margin.r + pad, t: margin.t + above + pad, b: margin.b + below + pad };
  for (const name of Object.keys(layout)) if (name.startsWith("yaxis")) layout[name].automargin = false;
  layout.height = layout.height + above + below + 2 * pad;
  layout.width = width;
  layout.paper_bgcolor = words.colours.background;
  return { data: figure.data, layout };
}

// What `act` makes Plotly save, as a blob that goes nowhere else: Plotly would only download it.
function saved(act) {
  const click = HTMLAnchorElement.prototype.click;
  const create = URL.createObjectURL;
  const restore = () => {
    HTMLAnchorElement.prototype.click = click;
    URL.createObjectURL = create;
  };
  return new Promise((resolve, reject) => {
    URL.createObjectURL = function (blob) {
      if (blob.type.startsWith("image/png")) resolve(blob);
      return create.call(URL, blob);
    };
    HTMLAnchorElement.prototype.click = function () {
      if (!this.download) click.call(this);
    };
    setTimeout(() => reject(new Error("no image")), 10000);
    if (!act()) reject(new Error("no chart"));
  }).finally(() => setTimeout(restore, 100));
}

async function copy(words) {
  if (!navigator.clipboard?.write || !window.ClipboardItem) return words.labels.refused;
  try {
    const image = saved(() => exportAs("png", words, 3));
    await navigator.clipboard.write([new ClipboardItem({ "image/png": image })]);
    return words.labels.copied;
  } catch {
    return words.labels.refused;
  }
}

function exportAs(format, words, scale) {
  const chart = document.querySelector(`.st-key-${CSS.escape(words.chart)} .js-plotly-plot`);
  const camera = chart?.querySelector(".modebar-btn[data-attr='toImage'], .modebar-btn");
  if (!camera) return false;
  const shown = { data: chart.data, layout: chart.layout, options: chart._context.toImageButtonOptions };
  const width = chart.getBoundingClientRect().width;
  const image = withWords(words.figure, words, width, chart._fullLayout._size.l);
  chart.data = image.data;
  chart.layout = image.layout;
  chart._context.toImageButtonOptions = {
    format, scale, filename: words.file, width, height: image.layout.height,
  };
  try {
    camera.click();
  } finally {
    chart.data = shown.data;
    chart.layout = shown.layout;
    chart._context.toImageButtonOptions = shown.options;
  }
  return true;
}

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector("section"); // the first div holds the styles too
  const buttons = [];
  const message = document.createElement("p");
  message.setAttribute("role", "status");
  const drawn = () => document.querySelector(`.st-key-${CSS.escape(data.chart)} .js-plotly-plot`);
  const actions = {
    png2: () => exportAs("png", data, 2),
    png3: () => exportAs("png", data, 3),
    svg: () => exportAs("svg", data, 1),
    copy: async () => {
      message.textContent = await copy(data);
    },
  };
  for (const [name, act] of Object.entries(actions)) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = data.labels[name];
    button.onclick = () => {
      message.textContent = drawn() ? "" : data.labels.table;
      if (drawn()) act();
    };
    buttons.push(button);
  }
  root.replaceChildren(...buttons, message);
}
