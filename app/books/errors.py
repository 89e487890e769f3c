"""Why a file did not become a book. Each message is one sentence, shown to the user as it is.

BookError
├── BookTooLarge        more bytes, files or characters than are allowed
├── BookEmpty           nothing in it, or only white space
├── BookUnsupported     recognised, and of a kind that is not read (MOBI, RTF, pictures, …)
│   └── BookNotText     bytes that are text in no encoding
├── BookEncrypted       a password or copy protection is in the way
├── BookScanned         a PDF of pictures, without a text layer
├── BookDamaged         cut short, or not what its first bytes promise
├── BookUnsafe          a zip bomb, a path that leads out of the archive, XML entities
├── BookTooHeavy        its reader ran into the limit of time or memory
├── BookEncodingError   the encoding asked for is unknown or does not fit
└── BookCancelled       the caller gave up waiting
"""


class BookError(Exception):
    """A file that cannot be read as a book. The message is shown to the user as it is."""


class BookTooLarge(BookError):
    """More bytes, files or characters than `app.books.limits` allows."""


class BookEmpty(BookError):
    """No character other than white space."""


class BookUnsupported(BookError):
    """A known kind of file that is not read here."""


class BookNotText(BookUnsupported):
    """Bytes of no known kind which are text in no encoding."""


class BookEncrypted(BookError):
    """Protected by a password or by copy protection."""


class BookScanned(BookError):
    """Pictures of pages, without text."""


class BookDamaged(BookError):
    """Cut short or broken inside."""


class BookUnsafe(BookError):
    """Built to harm the one who opens it."""


class BookTooHeavy(BookError):
    """Took more time or memory than one book may."""


class BookEncodingError(BookError):
    """The encoding that was asked for is unknown, or the bytes contradict it."""


class BookCancelled(BookError):
    """The caller asked to stop."""
