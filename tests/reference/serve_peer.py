#!/usr/bin/env python3
"""The same model behind a plain Python server, for serve_bench.sh: FastAPI and uvicorn with onnxruntime, one image per request, in a pool of threads.

    python3 serve_peer.py FOLDER/model.onnx 8090

FOLDER is what `sketchflow export` wrote: its predict.py prepares the images. Needs python3-fastapi, python3-uvicorn, python3-onnxruntime, python3-pil.
"""
import io
import pathlib
import sys

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.concurrency import run_in_threadpool

file = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(file.parent))
from predict import Model  # noqa: E402

model = Model(str(file))
app = FastAPI()


def classify(body):
    return [{"class": name, "probability": float(p)} for name, p in model.predict(io.BytesIO(body))[:5]]


@app.post("/predict")
async def predict(request: Request):
    body = await request.body()
    try:
        return {"top": await run_in_threadpool(classify, body)}
    except Exception as e:  # Pillow raises many kinds for a file that is no image.
        raise HTTPException(422, str(e))


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning")
