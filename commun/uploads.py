"""What is refused of an upload before a byte of it is read."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class BoundedUploadHandler(FileUploadHandler):
    """Refuse a request whose files would together fill the disk, whoever sends it.

    Django bounds the fields of a form and not its files, which it writes in a temporary folder
    before any view looks at them.
    """

    def handle_raw_input(self, input_data, META, content_length, *args, **kwargs):  # noqa: N803 -- theirs
        if content_length > settings.UPLOAD_MAX_BYTES:
            raise RequestDataTooBig("The files of this request are too large together.")

    def receive_data_chunk(self, raw_data, start):
        return raw_data

    def file_complete(self, file_size):
        return None
