"""What a screen shows now, as files: JSON and CSV of figures, of times and of tables.

In: values of the screens. Out: ExportFile. Knows nothing of streamlit.
"""

from app.exports.conversations import conversation_files
from app.exports.figures import figures_files
from app.exports.files import ExportFile, csv_bytes, json_bytes, table_files

__all__ = ["ExportFile", "conversation_files", "csv_bytes", "figures_files", "json_bytes", "table_files"]
