"""The dashboard: streamlit run app.py."""

from barometer import ui

ui.run()
