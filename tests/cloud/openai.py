"""OpenAI's Images API, and servers that speak it in their own way.

    /v1/images/generations, /v1/images/edits, /v1/models    OpenAI: strict, paid
    /localai/v1/...   url unless asked for b64_json; pictures under its own host; zero
                      usage; numbers as error codes; 512x512 for sizes it cannot read
    /sdcpp/v1/...     b64_json only; plain strings as errors; no usage
    /vllm/v1/...      b64_json beside "url": null; {"detail": ..} as errors; no usage
    /dalle/v1/...     a gateway that still serves dall-e-3: url by default, style, hd

Only the first counts what is paid: once a request is carried out, its pictures are,
whether the answer arrives or not.
"""

import json
import secrets
import time

import openai_errors  # noqa: F401 - registers its faults
from faults import json_answer
from openai_compatible import FLAVOURS, PICTURES, Compatible
from openai_picture import MIME, base64_of, draw
from openai_rules import (MAX_PROMPT, MODELS, RETIRED, ApiError, check_size, image_error,
                          input_tokens, output_tokens, text_tokens, unknown, wrong_type)
from picture import look
from wire import Answer

# Field -> its type in JSON. A form brings all of them as texts.
GENERATION = {
    "prompt": str, "model": str, "n": int, "size": str, "quality": str, "background": str,
    "output_format": str, "output_compression": int, "moderation": str, "complexity": str,
    "stream": bool, "partial_images": int, "safety_identifier": str, "user": str}
EDIT = {**GENERATION, "input_fidelity": str, "images": list, "mask": dict}
CHOICES = {"background": ("auto", "opaque", "transparent"), "moderation": ("auto", "low"),
           "output_format": ("png", "jpeg", "webp"),
           "complexity": ("low", "medium", "high")}
URL_LIMIT = 20_971_520
NOT_JSON = "We could not parse the JSON body of your request."


def no_duplicates(pairs):
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a member is there twice")
    return fields


class OpenAI:
    hidden = False

    def __init__(self, server):
        self.server = server
        self.compatible = Compatible(self)
        self.reset()

    def reset(self):
        self.paid = []           # one entry a request that was carried out
        self.pictures = {}       # name -> (type, bytes), of servers that answer with url
        self.drawn = 0

    def counts(self):
        ledger = self.server.ledger.counts
        return {"paid": sum(entry["pictures"] for entry in self.paid),
                "paid_requests": len(self.paid), "generations": ledger["generations"],
                "edits": ledger["edits"], "fetched": ledger["fetched"]}

    def owns(self, request):
        return request.segments()[0] in ("v1", PICTURES, *FLAVOURS)

    def answer(self, request):
        first, *rest = request.segments()
        if first == PICTURES:
            return self._picture(request, rest)
        flavour = "openai" if first == "v1" else first
        rest = rest if first == "v1" else rest[1:] if rest[:1] == ["v1"] else []
        request_id = "req_" + secrets.token_hex(16)
        try:
            answer = self._call(request, flavour, rest, request_id)
        except ApiError as error:
            answer = self._refusal(error, flavour)
        answer.headers += [("x-request-id", request_id), ("openai-version", "2020-10-01"),
                           ("openai-processing-ms", "1")]
        return answer

    def _refusal(self, error, flavour):
        body = {"error": error.object}
        if flavour == "localai":
            body["error"]["code"] = error.status
        elif flavour == "sdcpp":
            body = {"error": str(error)}
        elif flavour == "vllm":
            body = {"detail": str(error)}
        return json_answer(error.status, body)

    def _picture(self, request, rest):
        """What an answer's url leads to."""
        if request.head.get("authorization") is not None:
            request.violation("credentials are sent for a picture")
        found = self.pictures.get("/".join(rest))
        if request.head.method != "GET" or not found:
            return Answer(404, "no such picture\n")
        self.server.ledger.add("fetched")
        return Answer(200, found[1], kind=found[0])

    def _call(self, request, flavour, rest, request_id):
        method, what = request.head.method, "/".join(rest)
        self._authenticate(request, flavour)
        if (method, what) == ("GET", "models"):
            return self._models(flavour)
        if method != "POST" or what not in ("images/generations", "images/edits"):
            raise ApiError(404, f"Invalid URL ({method} {request.head.path})")
        self.server.ledger.add("edits" if what == "images/edits" else "generations")
        fields, pictures = self._read(request, what == "images/edits")
        if flavour == "openai":
            return self._official(request, fields, pictures, request_id)
        return self.compatible.answer(request, flavour, fields)

    def _authenticate(self, request, flavour):
        given = request.head.get("authorization")
        if request.head.count("authorization") > 1:
            request.violation("more than one Authorization")
        if flavour != "openai":
            return
        for name in ("openai-organization", "openai-project"):
            if request.head.get(name) == "":
                request.violation(f"{name} is sent empty")
        name = request.head.get("x-client-request-id", "-")
        if not name or len(name) > 512 or not name.isascii():
            request.violation("x-client-request-id is not 1 to 512 characters of ASCII")
        if given is None:
            raise ApiError(401, "You didn't provide an API key.")
        if given != f"Bearer {self.server.options.openai_key}":
            raise ApiError(401, "Incorrect API key provided: sk-*****. You can find your "
                           "API key at https://platform.openai.com/account/api-keys.",
                           "invalid_api_key")

    def _models(self, flavour):
        names = MODELS if flavour == "openai" else ["dall-e-3", "stable-diffusion"]
        dying = ("gpt-image-1.5", "gpt-image-1-mini", "chatgpt-image")
        return json_answer(200, {"object": "list", "data": [
            {"id": name, "object": "model", "created": 1700000000, "owned_by": "system",
             "shutdown_date": "2026-12-01" if name.startswith(dying) else None}
            for name in names]})

    # ---- what was sent

    def _read(self, request, is_edit):
        """The fields of a request, and the parts that are pictures."""
        kind = request.head.get("content-type", "").lower()
        if kind.startswith("multipart/form-data") and is_edit:
            return self._read_form(request)
        if kind != "application/json":
            request.violation(f"Content-Type is {kind or 'missing'}")
            raise ApiError(400, f"Unsupported content type: '{kind}'.")
        try:
            fields = json.loads(request.raw.decode(), object_pairs_hook=no_duplicates)
        except ValueError as error:
            request.violation(f"no JSON: {error}")
            raise ApiError(400, NOT_JSON) from None
        if not isinstance(fields, dict):
            request.violation("the body is no object")
            raise ApiError(400, NOT_JSON)
        return fields, []

    def _read_form(self, request):
        fields = {}
        for name, value in request.fields:
            if name in fields:
                request.violation(f"{name} is there twice")
            fields[name] = value
            if EDIT.get(name) is int:
                if not value.isdigit():
                    raise wrong_type(name)
                fields[name] = int(value)
        pictures = []
        for part in request.files:
            if part.name in ("image", "image[]", "mask"):
                pictures.append(part)
            else:
                request.violation(f"an edit takes no file {part.name}")
                raise unknown(part.name)
        for name in ("images", "mask"):
            if name in fields:
                request.violation(f"{name} as a text field")
        return fields, pictures

    # ---- OpenAI itself

    def _official(self, request, fields, pictures, request_id):
        is_edit = request.head.path.endswith("/edits")
        is_form = is_edit and not request.raw
        self._check_names(request, fields, EDIT if is_edit else GENERATION, is_form)
        self._check_prompt(fields)
        model = self._model(request, fields)
        sources = []
        if is_edit:
            sources = (self._check_parts(request, pictures) if is_form
                       else self._check_links(request, fields))
        elif "images" in fields or "mask" in fields:
            raise unknown("images")
        count, (width, height), quality, kind = self._check_values(fields, model)
        usage = self._usage(fields, model, count, width, height, quality, sources)
        data = [{"b64_json": base64_of(self.draw(kind, width, height))}
                for _ in range(count)]
        self.paid.append({
            "request": request.entry["n"], "request_id": request_id, "pictures": count,
            "client_id": request.head.get("x-client-request-id"), "quality": quality,
            "model": fields["model"], "size": f"{width}x{height}", "usage": usage})
        self.server.ledger.tell()
        background = fields.get("background", "auto")
        return json_answer(200, {
            "created": int(time.time()),
            "background": "opaque" if background == "auto" else background,
            "data": data, "output_format": kind, "quality": quality,
            "size": f"{width}x{height}", "usage": usage})

    def _check_names(self, request, fields, known, is_form):
        for name, value in fields.items():
            if name not in known or (is_form and name == "moderation"):
                if name != "response_format":
                    request.violation(f"unknown field {name}")
                raise unknown(name)
            right = known[name]
            if not isinstance(value, right) or (right is int and value is True):
                request.violation(f"{name} has the wrong type")
                raise wrong_type(name)

    def _check_prompt(self, fields):
        prompt = fields.get("prompt", "")
        if not prompt:
            raise ApiError(400, "Missing required parameter: 'prompt'.",
                           "missing_required_parameter", "prompt")
        if len(prompt) > MAX_PROMPT:
            raise ApiError(400, "Invalid 'prompt': string too long. Expected a string "
                           f"with maximum length {MAX_PROMPT}, but got a string with "
                           f"length {len(prompt)} instead.", "string_above_max_length",
                           "prompt")

    def _model(self, request, fields):
        if "model" not in fields:
            request.violation("no model is named")
        name = fields.setdefault("model", "gpt-image-2.6-flare")
        if name in RETIRED:
            raise image_error(f"The model '{name}' does not exist.", None, "model")
        if name not in MODELS:
            raise ApiError(404, f"The model `{name}` does not exist or you do not have "
                           "access to it.", "model_not_found", "model")
        return MODELS[name]

    def _check_values(self, fields, model):
        count = fields.get("n", 1)
        if not 1 <= count <= 10:
            raise ApiError(400, f"Invalid 'n': expected a value from 1 to 10, but got "
                           f"{count}.", "integer_out_of_range", "n")
        size = check_size(model, fields.get("size", "auto"))
        quality = fields.get("quality", "auto")
        if quality not in model.qualities:
            raise image_error(f"Invalid value: '{quality}'. Supported values are: "
                              f"{', '.join(model.qualities)}.", "invalid_value",
                              "quality")
        for name, choices in CHOICES.items():
            if name in fields and fields[name] not in choices:
                raise ApiError(400, f"Invalid value: '{fields[name]}'. Supported values "
                               f"are: {', '.join(choices)}.", "invalid_value", name)
        if "complexity" in fields and not model.complexity:
            raise unknown("complexity")
        kind = fields.get("output_format", "png")
        self._check_format(fields, model, kind)
        return count, size, "low" if quality == "auto" else quality, kind

    def _check_format(self, fields, model, kind):
        if fields.get("background") == "transparent":
            if not model.transparent:
                raise image_error("Transparent background is not supported for this "
                                  "model.", "invalid_value", "background")
            if kind == "jpeg":
                raise image_error("Transparent background needs png or webp.",
                                  "invalid_value", "background")
        compression = fields.get("output_compression")
        if compression is not None and kind == "png" and compression != 100:
            raise image_error("Compression less than 100 is not supported for PNG output "
                              "format", "invalid_png_output_compression",
                              "output_compression")
        if compression is not None and not 0 <= compression <= 100:
            raise ApiError(400, "Invalid 'output_compression'.", "integer_out_of_range",
                           "output_compression")
        fidelity = fields.get("input_fidelity")
        if fidelity is not None and fidelity not in model.fidelity:
            raise ApiError(400, "The model does not support the 'input_fidelity' "
                           "parameter.", "invalid_input_fidelity_model",
                           "input_fidelity")
        if fields.get("stream") or fields.get("partial_images"):
            raise ApiError(400, "This cloud does not stream.", "invalid_value", "stream")

    def _check_parts(self, request, parts):
        """(width, height) of each picture to edit."""
        images = [part for part in parts if part.name != "mask"]
        masks = [part for part in parts if part.name == "mask"]
        if not images:
            raise ApiError(400, "Missing required parameter: 'image'.",
                           "missing_required_parameter", "image")
        if len(images) > 16 or len(masks) > 1:
            raise ApiError(400, "Too many images.", "invalid_value", "image")
        if len(images) > 1 and any(part.name == "image" for part in images):
            request.violation("several pictures, and one of them is not image[]")
        found = []
        for part in parts:
            if part.size >= (50 << 20 if part.name != "mask" else 4 << 20):
                raise image_error("The image is too large.", "image_too_large", part.name)
            seen = look(part.path) if part.path else None
            if seen is None:
                raise image_error("Invalid image file or mode for image 1, please check "
                                  "your image file.", "invalid_image_file", "image")
            if part.content_type != MIME["jpeg" if seen[0] == "jpg" else seen[0]]:
                request.violation(f"{part.name} is {seen[0]}, but sent as "
                                  f"{part.content_type}")
                raise ApiError(400, "Invalid file 'image': unsupported mimetype "
                               f"('{part.content_type}').", "unsupported_file_mimetype",
                               "image")
            if part.name == "mask" and (seen[0] != "png" or seen[1:] != found[0]):
                raise image_error("Invalid mask image format - mask size does not match "
                                  "image size", "invalid_mask_image_format", "mask")
            found.append(seen[1:])
        return found[:len(images)]

    def _check_links(self, request, fields):
        links = fields.get("images")
        if not links:
            raise ApiError(400, "Missing required parameter: 'images'.",
                           "missing_required_parameter", "images")
        if len(links) > 16:
            raise ApiError(400, "Too many images.", "invalid_value", "images")
        for link in links + ([fields["mask"]] if "mask" in fields else []):
            if not isinstance(link, dict) or list(link) != ["image_url"]:
                request.violation("a picture to edit is not {image_url}")
                raise wrong_type("images")
            url = link["image_url"]
            good = url.startswith(("https://", "http://127.0.0.1:", "data:image/"))
            if not good or len(url) > URL_LIMIT:
                raise ApiError(400, "Invalid image_url.", "invalid_image_url", "images")
        return [(1024, 1024)] * len(links)

    def _usage(self, fields, model, count, width, height, quality, sources):
        image_in = sum(input_tokens(*size) for size in sources)
        text_in = text_tokens(fields["prompt"])
        out = count * output_tokens(model, quality, width, height)
        return {"total_tokens": image_in + text_in + out,
                "input_tokens": image_in + text_in,
                "input_tokens_details": {"text_tokens": text_in,
                                         "image_tokens": image_in},
                "output_tokens": out,
                "output_tokens_details": {"image_tokens": out, "text_tokens": 0}}

    def draw(self, kind, width, height):
        self.drawn += 1
        noise = bool(self.server.options.openai_noise)
        return draw(kind, width, height, f"picture {self.drawn} of the cloud", noise)
