"""ONNX Runtime by its C API, for a Python without the package onnxruntime: one session, whole arrays in, a whole array out.

Arrays are lent to ONNX Runtime, not copied, and the result is written where the caller wants it, so a run costs a few
microseconds more than the graph.
"""
import ctypes
from ctypes import POINTER, byref, c_char_p, c_int, c_int64, c_size_t, c_uint32, c_void_p

# Any release since 1.8 gives this version; a function's place in the table never changes.
API_VERSION = 8
LOG_ERRORS, DEVICE_ALLOCATOR, DEFAULT_MEMORY = 3, 0, 0
ELEMENT_TYPES = {"float32": 1, "int64": 7}
POINTER_BYTES = ctypes.sizeof(c_void_p)


def function(table, place, *types, returns=c_void_p):
    return ctypes.CFUNCTYPE(returns, *types)(table[place])


class _ApiBase(ctypes.Structure):
    _fields_ = [("get_api", ctypes.CFUNCTYPE(POINTER(c_void_p), c_uint32)), ("version", ctypes.CFUNCTYPE(c_char_p))]


class Session:
    """A model, with the inputs and the one output that its caller names."""

    def __init__(self, library, path, threads, inputs, output):
        opened = ctypes.CDLL(library)
        opened.OrtGetApiBase.restype = POINTER(_ApiBase)
        base = opened.OrtGetApiBase().contents
        self.version = base.version().decode()
        table = base.get_api(API_VERSION)
        if not table:
            raise RuntimeError(f"{library} is ONNX Runtime {self.version}, which has no API of version {API_VERSION}")
        self._message = function(table, 2, c_void_p, returns=c_char_p)
        self._release_status = function(table, 93, c_void_p, returns=None)
        self._release_value = function(table, 96, c_void_p, returns=None)
        self._run = function(table, 9, c_void_p, c_void_p, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_void_p)
        self._tensor = function(table, 49, c_void_p, c_void_p, c_size_t, c_void_p, c_size_t, c_int, c_void_p)

        environment, options, self._memory, self._session = c_void_p(), c_void_p(), c_void_p(), c_void_p()
        call = self._call
        call(function(table, 3, c_int, c_char_p, c_void_p)(LOG_ERRORS, b"peer", byref(environment)))
        call(function(table, 10, c_void_p)(byref(options)))
        call(function(table, 24, c_void_p, c_int)(options, threads))
        call(function(table, 130, c_void_p, c_char_p, c_char_p)(options, b"session.intra_op.allow_spinning", b"0"))
        call(function(table, 69, c_int, c_int, c_void_p)(DEVICE_ALLOCATOR, DEFAULT_MEMORY, byref(self._memory)))
        call(function(table, 7, c_void_p, c_char_p, c_void_p, c_void_p)(environment, path.encode(), options, byref(self._session)))
        self._inputs = (c_char_p * len(inputs))(*(name.encode() for name in inputs))
        self._outputs = (c_char_p * 1)(output.encode())
        self._count = len(inputs)

    def run(self, inputs, output):
        """Runs the model over contiguous arrays, in the order of the names, and writes into the output array."""
        arrays = [*inputs, output]
        values = (c_void_p * len(arrays))()
        try:
            for place, array in enumerate(arrays):
                self._call(self._tensor(
                    self._memory, array.ctypes.data, array.nbytes, (c_int64 * array.ndim)(*array.shape), array.ndim,
                    ELEMENT_TYPES[array.dtype.name], byref(values, place * POINTER_BYTES)))
            self._call(self._run(
                self._session, None, self._inputs, values, self._count, self._outputs, 1, byref(values, self._count * POINTER_BYTES)))
        finally:
            for value in values:
                if value:
                    self._release_value(value)

    def _call(self, status):
        if status:
            message = self._message(status).decode()
            self._release_status(status)
            raise RuntimeError(message)
