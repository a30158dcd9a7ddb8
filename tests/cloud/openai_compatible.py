"""Servers that speak OpenAI's Images API in their own way; openai.py lists them."""

import secrets
import time

from faults import json_answer
from openai_picture import base64_of
from openai_rules import ApiError, parse_size, unknown

FLAVOURS = ("localai", "sdcpp", "vllm", "dalle")
PICTURES = "generated-images"
DALLE_SIZES = ("1024x1024", "1792x1024", "1024x1792")


class Compatible:
    """OPENAI draws the pictures and keeps those that are answered with a url."""

    def __init__(self, openai):
        self.openai = openai

    def answer(self, request, flavour, fields):
        for name in ("size", "quality"):
            if fields.get(name) == "auto":
                request.violation(f"{name} is auto, which others do not know")
        if not fields.get("prompt"):
            raise ApiError(400, "prompt is required")
        if flavour == "vllm" and fields.get("model", "sd") not in ("sd", "dall-e-3"):
            raise ApiError(400, f"The model {fields['model']} is not served here.")
        if flavour == "dalle":
            self._check_dalle(request, fields)
        size = parse_size(fields.get("size", "")) or (512, 512)
        wish = fields.get("response_format")
        by_url = (flavour in ("localai", "dalle") and wish != "b64_json")
        items = [self._item(request, flavour, *size, by_url, fields)
                 for _ in range(fields.get("n", 1))]
        body = {"created": int(time.time()), "data": items}
        if flavour == "localai":
            body["id"] = secrets.token_hex(8)
            body["usage"] = {"prompt_tokens": 0, "completion_tokens": 0,
                             "total_tokens": 0}
        return json_answer(200, body)

    def _item(self, request, flavour, width, height, by_url, fields):
        data = self.openai.draw("png", width, height)
        item = {}
        if by_url:
            name = f"b{self.openai.drawn}.png"
            self.openai.pictures[name] = ("image/png", data)
            item["url"] = f"http://{request.head.get('host')}/{PICTURES}/{name}"
        else:
            item["b64_json"] = base64_of(data)
        if flavour == "vllm":
            item |= {"url": None, "revised_prompt": None}
        if flavour == "dalle":
            item["revised_prompt"] = "A detailed picture of " + fields["prompt"]
        return item

    def _check_dalle(self, request, fields):
        known = {"model", "prompt", "n", "size", "quality", "style", "response_format",
                 "user"}
        for name in fields:
            if name not in known:
                request.violation(f"dall-e-3 takes no {name}")
                raise unknown(name)
        if fields.get("model") != "dall-e-3":
            raise ApiError(404, "The model does not exist.", "model_not_found", "model")
        if fields.get("n", 1) != 1:
            raise ApiError(400, "You must provide n=1 for this model.", "invalid_value",
                           "n")
        if len(fields["prompt"]) > 4000:
            raise ApiError(400, "prompt is too long", "string_above_max_length", "prompt")
        if fields.get("size", "1024x1024") not in DALLE_SIZES:
            raise ApiError(400, "Invalid size.", "invalid_value", "size")
        if fields.get("quality", "standard") not in ("standard", "hd"):
            raise ApiError(400, "Invalid quality.", "invalid_value", "quality")
        if fields.get("style", "vivid") not in ("vivid", "natural"):
            raise ApiError(400, "Invalid style.", "invalid_value", "style")
