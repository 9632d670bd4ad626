"""The bundle's encoder: the items of users in, their vectors out. By the package onnxruntime, or by its library alone."""
import itertools
import os

import numpy

try:
    import onnxruntime
except ImportError:
    onnxruntime = None
    import onnx_native

OUTPUT = "user"


class Encoder:
    def __init__(self, bundle, inputs, table, threads, library):
        """table [N+1, D] is what a bundle whose inputs are vectors and lengths is fed from."""
        path = os.path.join(bundle, "encoder.onnx")
        self.dimension = table.shape[1]
        self._table = table if "vectors" in inputs else None
        inputs = ("items" if self._table is None else "vectors", "lengths")
        if onnxruntime is None:
            if library is None:
                raise SystemExit("There is no package onnxruntime: name libonnxruntime.so by --onnxruntime-library.")
            session = onnx_native.Session(library, path, threads, inputs, OUTPUT)
            self.runtime = f"ONNX Runtime {session.version} by its C API"
            self._run = session.run
        else:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
            self.runtime = f"onnxruntime {onnxruntime.__version__}"
            self._run = lambda arrays, out: numpy.copyto(out, session.run([OUTPUT], dict(zip(inputs, arrays)))[0])

    def encode(self, sequences, users):
        """Writes a vector a sequence into users [n, >= D]. Sequences of like length run together, so that little is padded."""
        groups = {}
        for row, sequence in enumerate(sequences):
            groups.setdefault(bucket(len(sequence)), []).append(row)
        for rows in groups.values():
            some = [sequences[row] for row in rows]
            lengths = numpy.fromiter(map(len, some), numpy.int64, len(some))
            items = numpy.zeros((len(some), lengths.max()), numpy.int64)
            items[numpy.arange(items.shape[1]) < lengths[:, None]] = numpy.fromiter(
                itertools.chain.from_iterable(some), numpy.int64, lengths.sum())
            out = numpy.empty((len(some), self.dimension), numpy.float32)
            self._run((items if self._table is None else self._table[items], lengths), out)
            users[rows, :self.dimension] = out


def bucket(length):
    """The next of 8, 12, 16, 24, 32, 48, 64, ..."""
    size = 8
    while size < length:
        size = size + size // 2 if size + size // 2 >= length else size * 2
    return size
