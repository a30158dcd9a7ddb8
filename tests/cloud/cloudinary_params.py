"""The parameters of Cloudinary's Upload API: which there are, how they look."""

import email.utils
import json
import re
import time

from faults import error_answer

BOOLEANS = {
    "use_filename", "unique_filename", "overwrite", "invalidate", "eager_async", "async",
    "discard_original_filename", "use_filename_as_display_name", "unique_display_name",
    "use_asset_folder_as_public_id_prefix", "return_delete_token", "phash", "colors",
    "faces", "quality_analysis", "accessibility_analysis", "cinemagraph_analysis",
    "media_metadata", "image_metadata", "exif", "backup", "visual_search"}

TEXTS = {
    "public_id", "public_id_prefix", "folder", "asset_folder", "filename_override",
    "display_name", "type", "access_control", "access_mode", "tags", "context",
    "metadata", "transformation", "eager", "eager_notification_url", "notification_url",
    "upload_preset", "format", "allowed_formats", "moderation", "responsive_breakpoints",
    "face_coordinates", "custom_coordinates", "headers", "eval", "on_success", "proxy",
    "regions", "auto_transcription", "auto_chaptering", "quality_override"}

ADD_ONS = {
    "categorization": "Categorization", "auto_tagging": "Auto Tagging",
    "detection": "Object Detection", "ocr": "OCR Text Detection",
    "background_removal": "Background Removal", "raw_convert": "Document Conversion"}

SIGNING = {"timestamp", "signature", "api_key", "file"}

FIELDS = {
    "upload": BOOLEANS | TEXTS | set(ADD_ONS) | SIGNING,
    "explicit": BOOLEANS | TEXTS | set(ADD_ONS) | SIGNING,
    "destroy": {"public_id", "type", "invalidate", "notification_url"} | SIGNING,
    "rename": {"from_public_id", "to_public_id", "type", "to_type", "overwrite",
               "invalidate", "context", "metadata", "notification_url"} | SIGNING,
}

FORBIDDEN = set("?&#\\%<>+")


class ApiError(Exception):
    """Cloudinary answers with STATUS and a message."""

    def __init__(self, status, message, headers=()):
        super().__init__(message)
        self.status = status
        self.headers = headers

    def answer(self):
        return error_answer(self.status, str(self), self.headers)


def rate_limit(now, seconds, limit=500):
    """The 420 of the first kind: the hour's calls are used up."""
    reset = now + seconds
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(reset))
    return error_answer(
        420, f"Rate Limit Exceeded. Limit of {limit} api operations reached. "
        f"Try again on {stamp} UTC",
        [("X-FeatureRateLimit-Limit", str(limit)),
         ("X-FeatureRateLimit-Remaining", "0"),
         ("X-FeatureRateLimit-Reset", email.utils.formatdate(reset, usegmt=True))])


def unsubscribed(add_on):
    """The 420 of the second kind."""
    return ApiError(420, f"You don't have an active subscription for {add_on}")


def truth(text, default):
    return default if text in (None, "") else text in ("1", "true")


def split_escaped(text, separator):
    """Cut TEXT at each SEPARATOR that has no backslash before it."""
    return re.split(r"(?<!\\)" + re.escape(separator), text)


def parse_context(text):
    """k=v|k=v as {k: v}. ValueError when it is not."""
    result = {}
    for pair in split_escaped(text, "|"):
        key, equals, value = pair.partition("=")
        if not equals or not key or re.search(r"(?<!\\)=", value):
            raise ValueError(pair)
        result[key] = re.sub(r"\\([=|])", r"\1", value)
    return result


def check_fields(request, action):
    """Note every field that Cloudinary does not know or that is malformed."""
    for name, value in request.fields:
        if name.removesuffix("[]") not in FIELDS[action]:
            request.violation(f"{action} takes no parameter {name}")
        elif value == "":
            request.violation(f"{name} is posted empty")
        elif name in BOOLEANS and value not in ("0", "1", "true", "false"):
            request.violation(f"{name} is no boolean: {value}")
    _check_texts(request)


def _check_texts(request):
    context = request.field("context")
    if context:
        try:
            parse_context(context)
        except ValueError as error:
            request.violation(f"context has a malformed pair: {error}")
    tags = request.field("tags")
    if tags and any(tag.strip() != tag or not tag for tag in tags.split(",")):
        request.violation("tags has an empty or padded tag")
    control = request.field("access_control")
    if control:
        try:
            json.loads(control)
        except ValueError:
            request.violation("access_control is no JSON")
    folder = request.field("asset_folder") or ""
    if len(folder) > 255 or FORBIDDEN & set(folder):
        raise ApiError(400, f"asset_folder ({folder}) is invalid")


def _allowed(char):
    return char.isalnum() or char in "._-/ " or "\u0300" <= char <= "\u036f"


def normal_public_id(request, text):
    """The public id that Cloudinary makes of TEXT."""
    if not text or FORBIDDEN & set(text):
        raise ApiError(400, f"public_id ({text}) is invalid")
    while text and (not _allowed(text[0]) or text[0] in " /"):
        text = text[1:]
    while text and (not _allowed(text[-1]) or text[-1] in " /"):
        text = text[:-1]
    text = "".join(char if _allowed(char) else "_" for char in text)
    segments = text.split("/")
    if any(segment in ("", ".", "..") for segment in segments):
        request.violation(f"public_id has an unusable segment: {text}")
    if any(re.fullmatch(r"v[0-9]+", segment) for segment in segments[:-1]):
        raise ApiError(
            400, f"public_id ({text}) is invalid: a folder looks like a version")
    if not 1 <= len(text) <= 255:
        raise ApiError(400, f"public_id ({text}) is invalid: its length is {len(text)}")
    return re.sub("/+", "/", text)
