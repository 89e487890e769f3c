"""What one book may cost: every bound that refuses a file, in one place."""

MAX_UPLOAD_BYTES = 64 * 1024 * 1024
MAX_TEXT_CHARACTERS = 20_000_000

# Archives (zip, EPUB, DOCX). Deflate cannot exceed about 1032:1; real text stays below 20:1.
MAX_ARCHIVE_FILES = 10_000
MAX_ARCHIVE_TOTAL_BYTES = 512 * 1024 * 1024  # sum of the sizes that the directory declares
MAX_MEMBER_BYTES = 64 * 1024 * 1024  # one file inside, once unpacked
MAX_COMPRESSION_RATIO = 200
RATIO_FREE_BYTES = 4 * 1024 * 1024  # files smaller than this cannot harm, whatever their ratio

MAX_CHAPTERS = 5_000
MAX_TITLE_CHARACTERS = 160
MAX_PDF_PAGES = 5_000

# Plain texts up to this size are read in the caller's process: even a text made to take quadratic time takes little.
# All else goes to a child with limits, whose start takes a tenth of a second.
MAX_IN_PROCESS_BYTES = 16 * 1024

# The child process that reads uploads.
WORKER_MEMORY_BYTES = 896 * 1024 * 1024  # with the caller's own copy of the file it stays below a gigabyte
WORKER_CPU_SECONDS = 9  # what a book may cost, however busy the machine is
WORKER_WALL_SECONDS = 30.0  # for a child that only waits for its turn, or sleeps


def megabytes(byte_count: int) -> str:
    """A size for a message: '64 MB'."""
    value = byte_count / (1024 * 1024)
    return f"{value:.0f} MB" if value >= 10 else f"{value:.1f} MB"
