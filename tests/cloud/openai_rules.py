"""What OpenAI's image models accept, and how they count."""

import math
import re

SIDES_3 = ("1024x1024", "1536x1024", "1024x1536")
TIERS_3 = ("low", "medium", "high", "auto")
TIERS_5 = ("low", "medium", "high", "xhigh", "max", "auto")

# Output tokens: the base of the calculator by quality, or fixed ones.
BASE_2 = {"low": 16, "medium": 48, "high": 96}
BASE_25 = {"low": 16, "medium": 24, "high": 48, "xhigh": 64, "max": 96}
BASE_26 = {"low": 28, "medium": 44, "high": 48, "xhigh": 64, "max": 96}
FIXED = {"low": (272, 408, 400), "medium": (1056, 1584, 1568), "high": (4160, 6240, 6208)}


class Model:
    def __init__(self, qualities, base, sizes=None, complexity=False, transparent=True,
                 fidelity=(), markup=False):
        self.qualities = qualities
        self.base = base
        self.sizes = sizes          # None: by the rule
        self.complexity = complexity
        self.transparent = transparent
        self.fidelity = fidelity
        self.markup = markup


_1 = dict(qualities=TIERS_3, base=None, sizes=SIDES_3)
_25 = dict(qualities=TIERS_5, base=BASE_25, markup=True)
_26 = dict(qualities=TIERS_5, base=BASE_26, markup=True, complexity=True)

MODELS = {
    "gpt-image-2.6-sunburst": Model(**_26), "gpt-image-2.6-flare": Model(**_26),
    "gpt-image-2.5-sunburst": Model(**_25), "gpt-image-2.5-flare": Model(**_25),
    "gpt-image-2.5-sunburst-2026-09-08": Model(**_25),
    "gpt-image-2.5-flare-2026-09-08": Model(**_25),
    "gpt-image-2": Model(TIERS_3, BASE_2, transparent=False),
    "gpt-image-2-2026-04-21": Model(TIERS_3, BASE_2, transparent=False),
    "gpt-image-1.5": Model(**_1, fidelity=("low", "high")),
    "gpt-image-1.5-2025-12-16": Model(**_1, fidelity=("low", "high")),
    "chatgpt-image-latest": Model(**_1),
    "gpt-image-1-mini": Model(**_1, fidelity=("low",)),
}

RETIRED = ("dall-e-2", "dall-e-3", "gpt-image-1")

MAX_PROMPT = 32000


class ApiError(Exception):
    """OpenAI answers with STATUS and an error object."""

    def __init__(self, status, message, code=None, param=None,
                 kind="invalid_request_error", **more):
        super().__init__(message)
        self.status = status
        self.object = {"message": message, "type": kind, "param": param,
                       "code": code} | more


def image_error(message, code, param):
    return ApiError(400, message, code, param, kind="image_generation_user_error")


def unknown(name):
    return ApiError(400, f"Unknown parameter: '{name}'.", "unknown_parameter", name)


def wrong_type(name):
    return ApiError(400, f"Invalid type for '{name}'.", "invalid_type", name)


def parse_size(text):
    match = re.fullmatch(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})", text)
    return (int(match[1]), int(match[2])) if match else None


def check_size(model, text):
    """(width, height), resolved. ApiError for one that the model does not make."""
    if text == "auto":
        return (1024, 1024) if model.sizes else (1254, 1254)
    size = parse_size(text)
    if size is None or (model.sizes and text not in model.sizes):
        allowed = ", ".join((*(model.sizes or ("WIDTHxHEIGHT",)), "auto"))
        raise image_error(f"Invalid value: '{text}'. Supported values are: {allowed}.",
                          "invalid_value", "size")
    if model.sizes:
        return size
    short, long = sorted(size)
    if short % 16 or long % 16:
        raise image_error(f"Invalid size '{text}'. Width and height must both be "
                          "divisible by 16.", "invalid_value", "size")
    if long > 3840:
        raise image_error(f"Invalid size '{text}'. The longest edge must be less than or "
                          "equal to 3840.", "invalid_value", "size")
    if long > 3 * short:
        raise image_error(f"Invalid size '{text}'. The aspect ratio must be between 1:3 "
                          "and 3:1.", "invalid_value", "size")
    if short * long < 655360:
        raise image_error(f"Invalid size '{text}'. Requested resolution is below the "
                          "current minimum pixel budget.", "invalid_value", "size")
    if short * long > 8294400:
        raise image_error(f"Invalid size '{text}'. Requested resolution exceeds the "
                          "current pixel limit.", "invalid_value", "size")
    return size


def output_tokens(model, quality, width, height):
    """Of one picture."""
    if model.base is None:
        square, tall, wide = FIXED[quality]
        return square if width == height else tall if height > width else wide
    base, (short, long) = model.base[quality], sorted((width, height))
    other = max(1, math.floor(base * short / long + 0.5))
    return math.ceil(base * other * (2_000_000 + width * height) / 4_000_000)


def input_tokens(width, height):
    """Of a picture to edit."""
    scale = min(2, 1024 / max(width, height)) if max(width, height) < 1024 else 1
    width, height = width * scale, height * scale
    patches = math.ceil(width / 32) * math.ceil(height / 32)
    return min(patches, 1536)


def text_tokens(prompt):
    return -(-len(prompt) // 4)
