// Clicks and taps on the cells of a tree, which Streamlit does not pass on: the code of the cell.

export default function ({ parentElement, data, setTriggerValue }) {
  const go = (event) => {
    const code = event.points?.[0]?.customdata;
    if (code) setTriggerValue("node", code);
  };
  // The chart may be drawn after this, and again when the card shows it in place of its table.
  const follow = () => {
    const chart = document.querySelector(`.st-key-${CSS.escape(data.chart)} .js-plotly-plot`);
    if (!chart?.on || chart.followed === go) return;
    if (chart.followed) chart.removeListener("plotly_click", chart.followed);
    chart.on("plotly_click", go);
    chart.followed = go;
  };
  clearInterval(parentElement.following);
  parentElement.following = setInterval(follow, 250);
  follow();
  return () => clearInterval(parentElement.following);
}
