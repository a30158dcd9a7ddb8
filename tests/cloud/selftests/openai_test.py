"""OpenAI's Images API: what it takes, what it refuses, what is paid."""

import base64
import json
import struct
import zlib

from cloud import OPENAI_KEY
from openai_picture import draw
from openai_rules import MODELS, input_tokens, output_tokens
from selftests.harness import BOUNDARY, Case, FORM, form

BEARER = {"Authorization": f"Bearer {OPENAI_KEY}"}
JSON = BEARER | {"Content-Type": "application/json"}
FLARE = "gpt-image-2.5-flare"
LINK = "https://res.cloudinary.com/demo/image/upload/v1/a.jpg"


def files_form(fields, files):
    """A multipart body; FILES are (name, content, type)."""
    head = form(fields)[:-len(f"--{BOUNDARY}--\r\n")]
    parts = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; '
        f'filename="a.png"\r\nContent-Type: {kind}\r\n\r\n'.encode() + content + b"\r\n"
        for name, content, kind in files)
    return head + parts + f"--{BOUNDARY}--\r\n".encode()


class Speaking(Case):
    def call(self, path, body, headers=None):
        status, headers, answer = self.cloud.call("POST", path, body, headers or JSON)
        return status, headers, json.loads(answer)

    def generate(self, root="/v1", headers=None, **fields):
        fields = {"model": FLARE, "prompt": "a cat", "quality": "low",
                  "size": "1024x1024"} | fields
        fields = {name: value for name, value in fields.items() if value is not None}
        status, _, answer = self.call(f"{root}/images/generations", json.dumps(fields),
                                      headers)
        return status, answer

    def refused(self, status, code, param, **fields):
        got, answer = self.generate(**fields)
        error = answer["error"]
        self.assertEqual((got, error["code"], error["param"]), (status, code, param),
                         error)

    def edit(self, fields, files):
        status, _, answer = self.call("/v1/images/edits", files_form(fields, files),
                                      BEARER | FORM)
        return status, answer


class Official(Speaking):
    def test_generated(self):
        status, headers, answer = self.call("/v1/images/generations", json.dumps(
            {"model": FLARE, "prompt": "a cat", "quality": "low", "size": "1024x1024",
             "n": 2}), JSON | {"X-Client-Request-Id": "job-1"})
        self.assertEqual(status, 200)
        self.assertTrue(headers["x-request-id"].startswith("req_"))
        one, two = (base64.b64decode(item["b64_json"]) for item in answer["data"])
        self.assertNotEqual(one, two)
        self.assertEqual(struct.unpack(">II", one[16:24]), (1024, 1024))
        self.assertEqual(answer["usage"], {
            "total_tokens": 394, "input_tokens": 2, "output_tokens": 392,
            "input_tokens_details": {"text_tokens": 2, "image_tokens": 0},
            "output_tokens_details": {"image_tokens": 392, "text_tokens": 0}})
        self.assertEqual((answer["size"], answer["quality"], answer["output_format"],
                          answer["background"]), ("1024x1024", "low", "png", "opaque"))
        self.assertEqual(self.cloud.count("paid"), 2)
        paid = json.loads(self.cloud.control("GET", "paid"))
        self.assertEqual((paid["client_id"], paid["pictures"], paid["request_id"]),
                         ("job-1", 2, headers["x-request-id"]))
        self.clean()

    def test_formats(self):
        for kind, magic in (("png", b"\x89PNG"), ("jpeg", b"\xff\xd8\xff"),
                            ("webp", b"RIFF")):
            status, answer = self.generate(output_format=kind, output_compression=100)
            self.assertEqual(status, 200)
            data = base64.b64decode(answer["data"][0]["b64_json"])
            self.assertEqual(data[:len(magic)], magic)

    def test_values(self):
        self.refused(400, "missing_required_parameter", "prompt", prompt="", size="1x1")
        self.refused(400, "string_above_max_length", "prompt", prompt="x" * 32001)
        for size in ("1000x1000", "4096x1024", "2048x512", "800x800", "3840x3840",
                     "large", "1024x0", "1024X1024"):
            self.refused(400, "invalid_value", "size", size=size)
        for size in ("816x816", "3840x2160", "1280x720", "1792x1024", "auto"):
            self.assertEqual(self.generate(size=size)[0], 200)
        self.refused(400, "invalid_value", "size", model="gpt-image-1.5",
                     size="1792x1024")
        self.refused(400, "invalid_value", "quality", quality="standard")
        self.refused(400, "invalid_value", "quality", model="gpt-image-2",
                     quality="xhigh")
        self.refused(400, "invalid_value", "background", background="transparent",
                     output_format="jpeg")
        self.refused(400, "invalid_value", "background", background="transparent",
                     model="gpt-image-2")
        self.refused(400, "integer_out_of_range", "n", n=11)
        self.refused(400, "unknown_parameter", "complexity", complexity="low")
        self.refused(400, None, "model", model="dall-e-3")
        self.refused(404, "model_not_found", "model", model="gpt-image-9")
        self.refused(400, "invalid_png_output_compression", "output_compression",
                     output_compression=80)
        self.assertEqual(self.cloud.count("paid"), 5)
        self.clean()

    def test_fields(self):
        self.refused(400, "unknown_parameter", "response_format",
                     response_format="b64_json")
        self.clean()
        self.refused(400, "unknown_parameter", "style", style="vivid")
        self.violated("unknown field style")
        self.refused(400, "invalid_type", "n", n="1")
        self.violated("n has the wrong type")
        self.refused(400, "invalid_type", "n", n=True)
        self.generate(model=None)
        self.violated("no model is named")
        self.assertEqual(self.call("/v1/images/generations", '{"n":1,"n":2}')[0], 400)
        self.violated("there twice")

    def test_access(self):
        plain = {"Content-Type": "application/json"}
        self.assertEqual(self.generate(headers=plain)[0], 401)
        wrong = JSON | {"Authorization": "Bearer sk-other"}
        status, answer = self.generate(headers=wrong)
        self.assertEqual((status, answer["error"]["code"]), (401, "invalid_api_key"))
        self.generate(headers=BEARER | {"Content-Type": "text/plain"})
        self.violated("Content-Type is text/plain")
        self.generate(prompt=OPENAI_KEY)
        self.violated("a secret in the request's fields")
        _, _, body = self.cloud.call("GET", "/v1/models", headers=BEARER)
        self.assertEqual(len(json.loads(body)["data"]), len(MODELS))

    def test_edit_files(self):
        png, jpeg = draw("png", 1024, 1024, "a"), draw("jpeg", 640, 480, "b")
        fields = {"model": FLARE, "prompt": "a hat", "quality": "low",
                  "size": "1024x1024"}
        status, answer = self.edit(fields, [("image[]", png, "image/png"),
                                            ("image[]", jpeg, "image/jpeg"),
                                            ("mask", png, "image/png")])
        self.assertEqual(status, 200, answer)
        self.assertEqual(answer["usage"]["input_tokens_details"]["image_tokens"],
                         1024 + 32 * 24)
        self.clean()
        for files, code in (
                ([], "missing_required_parameter"),
                ([("image[]", b"GIF89a", "image/gif")], "invalid_image_file"),
                ([("image[]", png, "image/png"), ("mask", jpeg, "image/jpeg")],
                 "invalid_mask_image_format"),
                ([("image[]", png, "image/jpeg")], "unsupported_file_mimetype")):
            status, answer = self.edit(fields, files)
            self.assertEqual((status, answer["error"]["code"]), (400, code))
        self.assertEqual(self.edit(fields | {"input_fidelity": "high"},
                                   [("image[]", png, "image/png")])[1]["error"]["code"],
                         "invalid_input_fidelity_model")
        self.assertEqual(self.cloud.count("paid"), 1)
        self.edit(fields, [("image", png, "image/png"), ("image[]", png, "image/png")])
        self.violated("one of them is not image[]")

    def test_edit_links(self):
        fields = {"model": FLARE, "prompt": "a hat", "images": [{"image_url": LINK}]}
        self.assertEqual(self.call("/v1/images/edits", json.dumps(fields))[0], 200)
        fields["images"] = [{"image_url": "ftp://x/"}]
        self.assertEqual(self.call("/v1/images/edits", json.dumps(fields))[0], 400)
        self.clean()
        fields["images"] = [LINK]
        self.assertEqual(self.call("/v1/images/edits", json.dumps(fields))[0], 400)
        self.violated("not {image_url}")

    def test_tokens(self):
        for name, quality, width, height, tokens in (
                ("gpt-image-2", "low", 1024, 1024, 196),
                ("gpt-image-2", "medium", 1536, 1024, 1372),
                ("gpt-image-2", "high", 3840, 2160, 13342),
                (FLARE, "medium", 2560, 1440, 478), (FLARE, "xhigh", 1024, 1536, 2459),
                (FLARE, "max", 2048, 2048, 14272),
                ("gpt-image-1.5", "high", 1024, 1536, 6240)):
            self.assertEqual(output_tokens(MODELS[name], quality, width, height), tokens)
        self.assertEqual(input_tokens(1024, 1024), 1024)
        self.assertEqual(input_tokens(4000, 3000), 1536)

    def test_lost_answers_are_paid(self):
        self.cloud.fault(path="generations", do="close", when="acted")
        self.gone("POST", "/v1/images/generations", json.dumps(
            {"model": FLARE, "prompt": "x", "quality": "low", "size": "1024x1024"}), JSON)
        self.assertEqual(self.cloud.count("paid"), 1)

    def test_errors(self):
        self.cloud.fault(path="generations", do="openai", error="moderation_blocked")
        status, answer = self.generate()
        self.assertEqual(status, 400)
        self.assertEqual(answer["error"]["moderation_details"]["moderation_stage"],
                         "input")
        for shape, told in (("string", "exhausted"), ("detail", "exhausted"),
                            ("details", "exhausted"), ("number", 429)):
            self.cloud.fault(path="generations", do="openai", shape=shape,
                             error="credit_balance_exhausted")
            status, answer = self.generate()
            self.assertEqual(status, 429)
            self.assertIn(str(told), json.dumps(answer))
        with self.assertRaisesRegex(AssertionError, "no error 'bad_weather'"):
            self.cloud.fault(do="openai", error="bad_weather")
        self.assertEqual(self.cloud.count("paid"), 0)

    def test_noise(self):
        self.cloud.set(openai_noise=1)
        _, answer = self.generate()
        self.assertGreater(len(answer["data"][0]["b64_json"]), 4 << 20)


class Others(Speaking):
    def test_localai(self):
        plain = {"Content-Type": "application/json"}
        status, answer = self.generate("/localai/v1", plain, size="256x256", quality=None)
        self.assertEqual((status, answer["usage"]["total_tokens"]), (200, 0))
        url = answer["data"][0]["url"]
        _, _, body = self.cloud.call("GET", "/" + url.split("/", 3)[3])
        self.assertEqual(struct.unpack(">II", body[16:24]), (256, 256))
        _, answer = self.generate("/localai/v1", plain, response_format="b64_json")
        self.assertIn("b64_json", answer["data"][0])
        _, refusal = self.generate("/localai/v1", plain, prompt="")
        self.assertEqual(refusal["error"]["code"], 400)
        self.assertEqual((self.cloud.count("paid"), self.cloud.count("fetched")), (0, 1))
        self.clean()
        self.generate("/localai/v1", plain, size="auto")
        self.violated("size is auto")

    def test_shapes(self):
        self.assertEqual(self.generate("/sdcpp/v1", prompt="")[1],
                         {"error": "prompt is required"})
        status, answer = self.generate("/vllm/v1")
        self.assertIn("detail", answer)
        self.assertIsNone(self.generate("/vllm/v1", model="sd")[1]["data"][0]["url"])

    def test_dalle(self):
        wish = dict(model="dall-e-3", quality="hd", size="1792x1024", style="natural")
        item = self.generate("/dalle/v1", **wish)[1]["data"][0]
        self.assertIn("a cat", item["revised_prompt"])
        self.assertIn("url", item)
        for name, value in (("n", 2), ("quality", "low"), ("size", "1024x1536"),
                            ("style", "bold"), ("prompt", "x" * 4001)):
            self.assertEqual(self.generate("/dalle/v1", **wish | {name: value})[0], 400)
        self.clean()
        self.generate("/dalle/v1", **wish, background="opaque")
        self.violated("dall-e-3 takes no background")


class Pictures(Case):
    def test_png(self):
        data = draw("png", 33, 17, "x")
        self.assertEqual(zlib.crc32(data[12:29]), struct.unpack(">I", data[29:33])[0])
        self.assertNotEqual(data, draw("png", 33, 17, "y"))
