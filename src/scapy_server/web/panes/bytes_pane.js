// The bytes of a packet, as hexadecimal pairs and as characters.
//
// Of packets longer than 10,240 bytes only the rows in view are there; a row is drawn anew only when
// something in it is other than before. Emits: "pick" {offset} when a byte is chosen,
// "point" {offset | null} when the pointer is over one, "write" {start, stop, hex} when bytes
// are to be replaced. All text is set as text, never as markup.
// So many rows are all there at once.
const WHOLE = 640;

export default {
  props: {
    hex: { type: String, default: "" },
    selected: { type: Array, default: () => [] },
    pointed: { type: Array, default: () => [] },
    changed: { type: Array, default: () => [] },
    starts: { type: Array, default: () => [] },
    done: { type: Number, default: 0 },
    hexPlaces: { type: Boolean, default: false },
  },
  emits: ["pick", "point", "write"],
  template: `
    <div class="bytes-scroll" ref="scroll" tabindex="0" role="group" aria-label="Bytes of the packet"
         @scroll="look" @keydown="key" @paste.prevent="paste" @mouseleave="point(null)">
      <div :style="{ height: rows * 20 + 'px', position: 'relative' }">
        <div v-for="row in view" :key="row" v-memo="[seen(row)]" class="bytes-row" :style="{ top: row * 20 + 'px' }">
          <span class="bytes-at" aria-hidden="true">{{ at(row) }}</span>
          <span v-for="offset in offsets(row)" :key="offset" :data-offset="offset"
                :class="classes(offset)" @click="pick(offset, $event)"
                @mouseenter="point(offset)">{{ pair(offset) }}</span>
          <span class="bytes-text" aria-hidden="true"><span v-for="offset in offsets(row)"
                :key="offset" :class="classes(offset)" @click="pick(offset, $event)"
                @mouseenter="point(offset)">{{ letter(offset) }}</span></span>
        </div>
      </div>
    </div>`,
  data() {
    // `typed` has the bytes that were typed and are not confirmed yet: what is typed next builds
    // on them, however late the answer comes.
    return { first: 0, shown: 64, cursor: null, second: false, anchor: null, typed: {}, sent: 0 };
  },
  computed: {
    length() { return this.hex.length / 2; },
    rows() { return Math.max(1, Math.ceil(this.length / 16)); },
    view() {
      if (this.rows <= WHOLE) return Array.from({ length: this.rows }, (_, row) => row);
      const from = Math.max(0, Math.min(this.first, this.rows - 1) - 8);
      const to = Math.min(this.rows, from + this.shown + 16);
      return Array.from({ length: to - from }, (_, index) => from + index);
    },
    selection() { return this.selected.join(); },
    ranges() { return [[this.selected], [this.pointed], this.changed]; },
  },
  watch: {
    done(count) {
      if (count >= this.sent) this.typed = {};
    },
    selection() {
      const range = this.selected;
      if (range.length === 2 && range[1] > range[0]) {
        if (this.cursor === null || this.cursor < range[0] || this.cursor >= range[1]) this.cursor = range[0];
        this.reveal(range[0]);
      }
    },
  },
  mounted() { this.look(); },
  methods: {
    at(row) { return (row * 16).toString(this.hexPlaces ? 16 : 10).padStart(4, "0"); },
    offsets(row) {
      const end = Math.min(this.length, row * 16 + 16);
      return Array.from({ length: Math.max(0, end - row * 16) }, (_, index) => row * 16 + index);
    },
    // All that the look of a row depends on.
    seen(row) {
      const [start, stop] = [row * 16, row * 16 + 16];
      const marks = this.ranges.map((ranges) => ranges.filter(([from, to]) => from < stop && to > start));
      const typed = this.offsets(row).map((offset) => this.typed[offset] ?? "");
      const cursor = this.cursor >= start && this.cursor < stop ? this.cursor : null;
      const layers = this.starts.filter(([from]) => from < stop);
      return JSON.stringify([this.hex.slice(2 * start, 2 * stop), marks, typed, cursor, layers, this.hexPlaces]);
    },
    pair(offset) { return this.typed[offset] ?? this.hex.substr(offset * 2, 2); },
    letter(offset) {
      const code = parseInt(this.pair(offset), 16);
      return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : ".";
    },
    owner(offset) {
      let owner = 0;
      for (const [start, index] of this.starts) if (start <= offset) owner = index;
      return owner;
    },
    classes(offset) {
      const [chosen, over, glowing] = this.ranges.map((ranges) => holds(ranges, offset));
      return {
        "bytes-pair": true,
        ["layer-" + (this.owner(offset) % 6)]: true,
        "bytes-selected": chosen,
        "bytes-pointed": over,
        "bytes-changed": glowing,
        "bytes-cursor": this.cursor === offset,
      };
    },
    look() {
      const pane = this.$refs.scroll;
      if (!pane) return;
      this.first = Math.floor(pane.scrollTop / 20);
      this.shown = Math.max(32, Math.ceil(pane.clientHeight / 20));
    },
    reveal(offset) {
      const pane = this.$refs.scroll;
      if (!pane) return;
      const top = Math.floor(offset / 16) * 20;
      if (top < pane.scrollTop || top + 20 > pane.scrollTop + pane.clientHeight) pane.scrollTop = top;
    },
    pick(offset, event) {
      this.anchor = event && event.shiftKey && this.cursor !== null ? (this.anchor ?? this.cursor) : null;
      this.cursor = offset;
      this.second = false;
      this.$emit("pick", { offset, from: this.anchor ?? offset });
    },
    point(offset) { this.$emit("point", { offset }); },
    write(start, stop, hex, joined = false) {
      this.sent += 1;
      this.$emit("write", { start, stop, hex, joined });
    },
    range() {
      if (this.anchor === null) return [this.cursor, this.cursor + 1];
      return [Math.min(this.anchor, this.cursor), Math.max(this.anchor, this.cursor) + 1];
    },
    paste(event) {
      const digits = event.clipboardData.getData("text").replace(/0x|[\s:,]/gi, "");
      if (this.cursor !== null && /^([0-9a-f]{2})+$/i.test(digits)) {
        const [start] = this.range();
        this.write(start, Math.min(this.length, start + digits.length / 2), digits);
      }
    },
    key(event) {
      const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -16, ArrowDown: 16, Home: -Infinity, End: Infinity };
      if (event.ctrlKey || event.metaKey || event.altKey || !this.length) return;
      if (event.key in moves) {
        const to = Math.max(0, Math.min(this.length - 1, (this.cursor ?? 0) + moves[event.key]));
        this.pick(to, event);
        this.reveal(to);
      } else if (this.cursor === null) {
        return;
      } else if (/^[0-9a-f]$/i.test(event.key)) {
        const old = this.pair(this.cursor);
        const hex = this.second ? old[0] + event.key : event.key + old[1];
        this.typed[this.cursor] = hex;
        this.write(this.cursor, this.cursor + 1, hex, this.second);
        if (this.second && this.cursor + 1 < this.length) this.cursor += 1;
        this.second = !this.second;
        this.anchor = null;
      } else if (event.key === "Delete" || event.key === "Backspace") {
        const [start, stop] = this.range();
        this.write(start, stop, "");
        this.anchor = null;
      } else if (event.key === "Insert") {
        this.write(this.cursor, this.cursor, "00");
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    },
  },
};

// Whether an offset is in one of these ranges, each from its first to the one behind its last.
function holds(ranges, offset) {
  return ranges.some(([from, to]) => from <= offset && offset < to);
}
