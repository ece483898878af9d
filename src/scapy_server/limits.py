"""Every bound of the service, in one place.

A bound is an integer that knows its unit and what it protects, so that the refusal
and the documentation (docs/limits.md, checked by a test) say the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from scapy_server.errors import RefusedError


class Limit(int):
    """An inclusive upper bound."""

    unit: str
    meaning: str

    def __new__(cls, value: int, unit: str, meaning: str) -> Limit:
        limit = super().__new__(cls, value)
        limit.unit = unit
        limit.meaning = meaning
        return limit

    def check(self, amount: int) -> None:
        """Raise `RefusedError` if `amount` is beyond the bound."""
        if amount > self:
            raise RefusedError(
                f"{self.meaning} may be at most {int(self)} {self.unit}, this is {amount}"
            )


MESSAGE_BYTES = Limit(64 * 1024 * 1024, "bytes", "a request")
JSON_DEPTH = Limit(64, "levels", "the nesting of a request's arrays and objects")
JSON_VALUES = Limit(1_000_000, "commas and brackets", "a request")
REQUEST_MILLISECONDS = Limit(700, "milliseconds", "the processor time of a request")
REQUEST_PROCESSOR_MILLISECONDS = Limit(
    1000, "milliseconds", "the processor time of a worker for a request"
)
REQUEST_SUMMED_BYTES = Limit(
    32 * 1024 * 1024, "bytes", "what lies below the layers that a request builds, layer by layer,"
)
REQUEST_DISSECTED_LAYERS = Limit(24_576, "layers", "all packets that a request dissects")
REQUEST_SUGGESTIONS = Limit(8, "suggestions", "the names that a request's refusals suggest")
BATCH_REQUESTS = Limit(10_000, "requests", "a batch")
MODELS = Limit(1_000, "packet models", "one call of build_pkts")
LAYERS = Limit(128, "layers", "a packet model")
FIELDS = Limit(256, "fields", "the field list of one layer")
MODEL_FIELDS = Limit(8192, "fields", "all field lists of a packet model together")
CALL_LAYERS = Limit(8192, "layers", "all models of one call of build_pkts")
CALL_FIELDS = Limit(32_768, "fields", "all models of one call of build_pkts")
CALL_TEXT = Limit(
    2 * 1024 * 1024, "characters", "the texts and expressions in one call of build_pkts"
)
CALL_PAYLOAD_BYTES = Limit(
    8 * 1024 * 1024, "bytes", "the payloads given or generated in one call of build_pkts"
)
LIST_ITEMS = Limit(1024, "items", "an array given as a field value")
PAYLOAD_BYTES = Limit(1024 * 1024, "bytes", "the size of a generated or given payload")
FRAME_BYTES = Limit(2 * 1024 * 1024, "bytes", "a packet")
PARTS = Limit(4096, "parts", "what is shown of the fields of one packet")
PART_DEPTH = Limit(16, "levels", "the nesting of the parts that are shown")
DISSECTED_LAYERS = Limit(256, "layers", "the dissection of one packet")
READ_RECORDS = Limit(256, "records", "what is read within the fields of one packet")
READ_FIELDS = Limit(2048, "fields", "the layers of one packet and the records within them")
READ_BYTES = Limit(
    1024 * 1024, "bytes", "the pieces that are taken of a packet's layers to read them"
)
READ_WORK = Limit(
    2560, "fields", "all that is read of one packet, as about so many fields that take as long"
)
REMEMBERED_CERTIFICATES = Limit(
    32, "certificates", "what a process remembers of the certificates that it read last"
)
WRITTEN_FIELDS = Limit(
    512, "fields", "what is written as expressions of the layers that one packet's fields hold"
)
REMEMBERED_FRAME_BYTES = Limit(
    8 * 1024 * 1024, "bytes", "the frames that a worker read last without a plan, with their trees"
)
PLANNED_SHAPES = Limit(
    256, "shapes", "the models that a process has plans for, or the changes of frames of one length"
)
PLANS_OF_A_SHAPE = Limit(4, "plans", "what a shape of models or of changes has")
PLANS_OF_A_LAYER = Limit(12, "plans", "what the layers of one class that were read last have")
PLANNED_HEADER_BYTES = Limit(1024, "bytes", "a layer's header that gets a plan")
PLANNED_RECORDS = Limit(48, "records", "a layer that gets a plan")
PLANNED_LAYERS = Limit(48, "layers", "a packet that is read by the plans for its layers")
PLANNED_WORK = Limit(1400, "fields", "what is read and shown of a packet that gets a plan")
PLANNED_FRAME_BYTES = Limit(16 * 1024, "bytes", "a packet that gets a plan")
PLANNED_BYTES = Limit(
    32 * 1024 * 1024, "bytes", "the plans of models that a process keeps, or those of changes"
)
PLAN_MISSES = Limit(1024, "packets", "the packets of a shape that plans are tried for")
EXPRESSION_TEXT = Limit(2 * 1024 * 1024, "characters", "the text of an expression")
EXPRESSION_CHARACTERS = Limit(64 * 1024, "characters", "an expression outside its quotes")
EXPRESSION_CHAIN = Limit(1000, "tokens", "the part of an expression between two commas")
EXPRESSION_DEPTH = Limit(40, "levels", "the nesting of an expression")
EXPRESSION_NODES = Limit(20_000, "syntax nodes", "an expression")
MODEL_EXPRESSION_NODES = Limit(40_000, "syntax nodes", "all expressions of a packet model together")
EXPRESSION_LAYERS = Limit(384, "layers", "an expression")
EXPRESSION_INTEGER_BITS = Limit(4096, "bits", "an integer in an expression")
EXPRESSION_SEQUENCE_ITEMS = Limit(PAYLOAD_BYTES, "items", "a text or bytes in an expression")
EXPRESSION_DATA = Limit(
    FRAME_BYTES, "bytes or characters", "all texts and bytes of an expression together"
)
EXPRESSION_COPIED = Limit(64 * 1024 * 1024, "items", "what an expression copies to join texts")
EXPRESSION_DISSECTED_BYTES = Limit(64 * 1024, "bytes", "what an expression gives to dissect")
CAPTURE_BYTES = Limit(48 * 1024 * 1024, "bytes", "a capture")
CAPTURE_PACKETS = Limit(1_000, "packets", "what read_pcap dissects in one call")
CAPTURE_SUMMARIES = Limit(
    10_000, "packets", "what read_pcap summarises or hands out as bytes in one call"
)
CAPTURE_SHOWN_FIELDS = Limit(100_000, "fields", "what read_pcap shows in one call without options")
CAPTURE_WORK = Limit(20_000, "fields", "what read_pcap with options reads in one call")
REMEMBERED_CAPTURE_BYTES = Limit(
    16 * 1024 * 1024, "bytes", "the capture that a worker read last, with its base64"
)
CAPTURE_COUNTED = Limit(
    100_000, "packets and blocks", "what read_pcap counts behind the part that it answers with"
)
CAPTURE_PIECES = Limit(1_000_000, "packets and blocks", "a capture")
WRITTEN_PACKETS = Limit(100_000, "packets", "a capture that is written")
CAPTURE_BLOCK_BYTES = Limit(16 * 1024 * 1024, "bytes", "a block of a pcapng capture")
CAPTURE_GZIP_MEMBERS = Limit(4096, "members", "a capture in gzip")
FIELD_ENGINE_INSTRUCTIONS = Limit(1000, "instructions", "a Field Engine program")
FIELD_ENGINE_LIST_VALUES = Limit(65_535, "values", "the value list of a flow variable")
FIELD_ENGINE_NAME_CHARACTERS = Limit(256, "characters", "the name of a flow variable")
FIELD_ENGINE_VARIABLE_BYTES = Limit(
    64, "bytes", "the space of all variables of a Field Engine program"
)
FIELD_ENGINE_TOUCHED_BYTES = Limit(
    512, "bytes", "the part of a packet that a Field Engine program touches"
)
FIELD_ENGINE_CACHE_PACKETS = Limit(65_535, "packets", "the cache of a Field Engine program")
FIELD_ENGINE_FRAME_BYTES = Limit(9238, "bytes", "a packet that a Field Engine program varies")
FIELD_ENGINE_ENUMERATED_VALUES = Limit(
    100_000, "values", "what an explanation looks at one by one before it gives upper bounds"
)
RENDER_CORES = Limit(64, "cores", "the data plane of a stream")
RENDERED_PACKETS = Limit(1000, "packets", "a rendering")
RENDERED_TREES = Limit(200, "packets", "a rendering with fields")
RENDERED_LAYERS = Limit(2000, "layers", "all packets of a rendering with fields together")
RENDER_IRREGULAR_VARIABLES = Limit(
    128, "variables", "what overflows in a stream, counted on each of its cores,"
)
PROFILE_REQUESTS = Limit(100_000, "requests", "an array of requests to render")
PROFILE_SHARES = Limit(100_000, "streams", "a profile, counted on each of its cores,")
PROFILE_EVENTS = Limit(2_000_000, "events", "what one answer goes through of a schedule")
PORT_STREAMS = Limit(20_000, "streams", "what a port sends")
RATE_GRAPH_STEPS = Limit(
    1_000_000, "streams", "the chains of a profile, walked from each stream that starts by itself"
)
TIMELINE_PACKETS = Limit(2_000_000, "packets", "what a timeline looks at")
SOURCE_BYTES = Limit(64 * 1024 * 1024, "bytes", "a file to render from")
PLOTTED_PACKETS = Limit(1_000_000, "packets", "a plot")
REPLY_BYTES = Limit(256 * 1024 * 1024, "bytes", "a reply")
CONNECTIONS = Limit(8192, "connections", "all clients together")
CONNECTIONS_OF_AN_ADDRESS = Limit(1024, "connections", "one address")
NEW_CONNECTIONS_OF_AN_ADDRESS = Limit(1000, "connections a second", "what one address opens")
RESERVED_DESCRIPTORS = Limit(128, "descriptors", "what is kept for workers and files")
IDLE_SECONDS = Limit(60, "seconds", "the silence of a connection while connections are scarce")
MESSAGE_FRAMES = Limit(16, "frames", "a message, with its envelope")
ENVELOPE_BYTES = Limit(4096, "bytes", "all frames of a message before its last")
FRONT_BYTES = Limit(
    512 * 1024 * 1024, "bytes", "what clients have sent, unanswered, and what they have not read,"
)
OWN_REQUEST_BYTES = Limit(64 * 1024, "bytes", "a request that the listening process answers")
SUBSCRIPTIONS_OF_A_CLIENT = Limit(64, "prefixes", "what one client subscribes to")
QUEUED_REQUESTS_OF_A_CLIENT = Limit(256, "requests", "what waits for a worker of one client")
QUEUED_REQUESTS_OF_AN_OWNER = Limit(
    1024, "requests", "what waits for a worker of one address or key"
)
QUEUED_REQUESTS = Limit(4096, "requests", "what waits for a worker")
QUEUED_BYTES_OF_A_CLIENT = Limit(128 * 1024 * 1024, "bytes", "the waiting requests of one client")
QUEUED_BYTES = Limit(512 * 1024 * 1024, "bytes", "the waiting requests of all clients")
REMEMBERED_OWNERS = Limit(
    1024, "addresses or keys", "the memory for who had how much time of workers"
)
UNREAD_REPLIES_OF_A_CLIENT = Limit(1000, "replies", "what a client has not read yet")
UNREAD_BYTES_OF_A_CLIENT = Limit(
    64 * 1024 * 1024, "bytes", "the replies that a client has not read yet"
)
UNREAD_BYTES = Limit(256 * 1024 * 1024, "bytes", "the replies that no client has read yet")
UNREAD_BYTES_WHILE_ASKING = Limit(
    1024 * 1024, "bytes", "what a client has not read while more of its requests are taken"
)
DEATHS = Limit(2, "processes", "the worker processes that one request ends")
REFUSED_SECONDS = Limit(600, "seconds", "how long such a request is refused")
REMEMBERED_OFFENDERS = Limit(1024, "requests", "the memory for such requests")
PORT_PROFILES = Limit(256, "profiles", "what a port has")
PORT_SESSIONS = Limit(4096, "sessions", "the sessions of a ports server that are told of events")
QUEUED_EVENTS = Limit(10_000, "events", "what a session has not fetched yet")
PORT_CAPTURES = Limit(10, "captures", "what clients of a ports server have")
CAPTURED_FRAMES = Limit(100_000, "frames", "what a capture of ports keeps")
FETCHED_FRAMES = Limit(1000, "frames", "one fetch of a capture of ports")
RECEIVE_QUEUE_FRAMES = Limit(10_000, "frames", "the receive queue of a port")
METERED_STREAMS = Limit(1024, "streams", "what is counted one by one at a port")
EXPORTED_BYTES = Limit(1 << 30, "bytes", "a capture of ports that is written to a file")
BRIDGED_FRAMES = Limit(2000, "frames", "half a second's share of a capture port")
FILTER_CHARACTERS = Limit(4096, "characters", "a capture filter")
PLAYED_BYTES = Limit(64 * 1024 * 1024, "bytes", "a capture that a port plays")
PORTS_REQUEST_BYTES = Limit(999_999, "bytes", "a request to a ports server")
PORTS_BATCH_REQUESTS = Limit(25_000, "requests", "a batch to a ports server")
PORTS_REPLY_BYTES = Limit(64 * 1024 * 1024, "bytes", "the replies to a batch to a ports server")
PORTS_BATCHES = Limit(16, "batches", "what a ports server is in the middle of")
PORTS = Limit(32, "ports", "a ports server")
PLAYED_FRAMES = Limit(500_000, "frames", "a capture that a port plays")
EDITOR_FILE_BYTES = Limit(512 * 1024 * 1024, "bytes", "a file that is opened in the browser")
EDITOR_TEXT_CHARACTERS = Limit(
    4 * 1024 * 1024, "characters", "a text that is opened in the browser"
)
EDITOR_PACKETS = Limit(5_000_000, "packets", "a capture that is opened in the browser")
EDITOR_DOCUMENTS = Limit(200, "documents", "what is open in the browser's editor")
EDITOR_CLOSED_DOCUMENTS = Limit(
    3, "documents", "what the browser's editor opens again after it was closed"
)
EDITOR_TREES = Limit(1024, "packets", "what a document holds field trees of")
EDITOR_FRESH_STEPS = Limit(20, "steps", "what is taken back without asking a server")
EDITOR_FRESH_PACKETS = Limit(20, "packets", "a step that is taken back so")
EDITOR_EXPORTED_PACKETS = Limit(100_000, "packets", "an export of a preview in the browser")
EDITOR_TIMELINE_PACKETS = Limit(200_000, "packets", "what is drawn of a timeline in the browser")
EDITOR_TEMPLATE_BYTES = Limit(4 * 1024 * 1024, "bytes", "a template in one's own directory")
EDITOR_FILTER_CHARACTERS = Limit(2000, "characters", "a filter of packets in an editor")
EDITOR_FILTER_DEPTH = Limit(50, "brackets within brackets", "a filter of packets in an editor")


def all_limits() -> Iterator[tuple[str, Limit]]:
    """Each bound with its name, in the order of this file."""
    return ((name, value) for name, value in globals().items() if isinstance(value, Limit))
