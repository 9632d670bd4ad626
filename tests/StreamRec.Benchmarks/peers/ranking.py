"""From sequences to lists: the encoder, FAISS' flat index over the item vectors, and the list's JSON (schemas/list.md)."""
import json
import os
import time

import faiss
import numpy

from encoding import Encoder

LIST_SIZE = 100


class Ranker:
    def __init__(self, bundle, threads, library):
        with open(os.path.join(bundle, "manifest.json"), encoding="utf-8") as file:
            manifest = json.load(file)
        self.dimension, self.window, items = manifest["dimension"], manifest["window"], manifest["items"]
        with open(os.path.join(bundle, "items.jsonl"), encoding="utf-8") as lines:
            ids = [json.loads(line) for line in lines]
        self.index_of = {item: number for number, item in enumerate(ids, 1)}
        self._texts = ["", *(json.dumps(item, ensure_ascii=False) for item in ids)]
        table = numpy.fromfile(os.path.join(bundle, "vectors.f32"), "<f4").reshape(items + 1, self.dimension)
        vectors = table[1:]
        # A bias is one more coordinate of the item, and 1 in the user's vector.
        biases = os.path.join(bundle, "biases.f32")
        if os.path.exists(biases):
            vectors = numpy.column_stack((vectors, numpy.fromfile(biases, "<f4")[1:]))
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(numpy.ascontiguousarray(vectors, numpy.float32))
        faiss.omp_set_num_threads(threads)
        self._encoder = Encoder(bundle, manifest.get("inputs", ()), table, threads, library)
        self._head = '{"format":1,"kind":"model","model":%s,"items":[' % json.dumps(manifest["model_id"])
        self._scores = {LIST_SIZE: ",".join(["%.5f"] * LIST_SIZE)}

    def __str__(self):
        return f"FAISS {faiss.__version__}, numpy {numpy.__version__}, {self._encoder.runtime}"

    def rank(self, sequences, blocks):
        """A list's items and scores, as the two JSON arrays' insides, for each of the sequences; no block may be empty."""
        users = numpy.ones((len(sequences), self._index.d), numpy.float32)
        self._encoder.encode(blocks, users)
        if not numpy.isfinite(users).all():
            raise ValueError("The encoder gave a vector that is not finite.")
        seen = [set(sequence.items) for sequence in sequences]
        wanted = min(self._index.ntotal, LIST_SIZE + max(map(len, seen)))
        scores, items = self._index.search(users, wanted)
        items += 1
        # Rounded here, so that nothing prints as -0.00000.
        scores = numpy.round(scores.astype(numpy.float64), 5) + 0.0
        return [self._list(*row) for row in zip(items.tolist(), scores.tolist(), seen)]

    def text(self, ranked, last_event, through):
        """The whole list; last_event is (id, ts), through (topic as JSON, partition, offset)."""
        items, scores = ranked
        return (
            f'{self._head}{items}],"scores":[{scores}],"last_event":{{"id":{json.dumps(last_event[0], ensure_ascii=False)},'
            f'"ts":{last_event[1]}}},"through":{{"topic_uuid":{through[0]},"partition":{through[1]},"generation":0,"epoch":-1,'
            f'"offset":{through[2]},"claim":0}},"options":"","written_at":{time.time_ns() // 1_000_000}}}')

    def _list(self, items, scores, seen):
        if seen.isdisjoint(items[:LIST_SIZE]):
            del items[LIST_SIZE:], scores[LIST_SIZE:]
        else:
            places = [place for place, item in enumerate(items) if item not in seen][:LIST_SIZE]
            items, scores = [items[place] for place in places], [scores[place] for place in places]
        form = self._scores.get(len(scores)) or ",".join(["%.5f"] * len(scores))
        texts = self._texts
        return ",".join([texts[item] for item in items]), form % tuple(scores)
