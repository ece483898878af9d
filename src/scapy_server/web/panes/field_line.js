// A field's row: its name, the input in which it is edited where it stands, where it lies, where
// its value is from, and the button of its menu. What else there is to it stands in the slot.
//
// One component, as a page has hundreds: what is drawn anew at an edit is only what changed.
// Emits "update:value" with what is typed and the how manieth change that is, "keydown" with keys in
// the input, "blur" when it is left, but not for the list of what may be chosen, "sign" when what
// stands at its end is clicked, and "menu".
//
// A value that is sent here before all that was typed has been `heard` is out of date, and is not
// shown over it.
export default {
  props: {
    id: String, value: String, path: String, name: String, about: String, was: String,
    absent: Boolean, depth: Number, editable: Boolean, sign: String, place: String, size: String,
    source: String, invalid: String, loopback: Boolean, error: String, heard: Number,
    address: Number,
  },
  emits: ["update:value", "keydown", "blur", "sign", "menu"],
  template: `
    <div :id="id" :class="['field', { absent }]" :style="{ paddingLeft: 1 + depth + 'rem' }" :data-path="path">
      <div class="field-name" :title="about">{{ name }}</div>
      <div v-if="editable" class="field-control">
        <input ref="input" type="text" class="mono field-input" autocomplete="off" spellcheck="false"
               :value="typed" :aria-label="path" :title="was" :aria-invalid="invalid ? 'true' : null"
               :aria-describedby="invalid || null" @input="type($event.target.value)"
               @keydown="$emit('keydown', $event)" @blur="leave">
        <span v-if="sign" class="field-base" @mousedown.prevent @click="$emit('sign')">{{ sign }}</span>
      </div>
      <span v-else></span>
      <div class="field-place mono">{{ place }}</div>
      <div class="field-size">{{ size }}</div>
      <div :class="['field-source', 'source-' + source]">{{ source }}</div>
      <button type="button" class="row-menu" tabindex="-1" aria-label="Field menu" title="Alt+↓"
              @click.stop="$emit('menu')">⋮</button>
      <div v-if="doubt" class="field-doubt" role="status">{{ doubt }}</div>
      <slot></slot>
    </div>`,
  data() { return { typed: this.value, changes: this.heard || 0 }; },
  computed: {
    // While an address is typed, whether it is one yet; what is refused is said by others.
    doubt() {
      const [kind, isOne] = ADDRESSES[this.address] ?? [];
      const asked = kind && !this.invalid && this.typed && this.typed !== this.value;
      return asked && !isOne(this.typed.trim()) ? `not ${kind} yet` : "";
    },
  },
  watch: {
    value() { this.updateValue(); },
  },
  methods: {
    type(text) {
      this.typed = text;
      this.changes += 1;
      this.$emit("update:value", { text, change: this.changes });
    },
    leave(event) {
      if (!event.relatedTarget?.closest?.(".choices")) this.$emit("blur");
    },
    // What was selected as a whole stays so: what is typed next is meant to stand in its place.
    updateValue() {
      if ((this.heard || 0) < this.changes) return;
      const input = this.$refs.input;
      const whole = input && input === document.activeElement && isWhole(input);
      this.typed = this.value;
      if (whole) this.$nextTick(() => input.select());
    },
    focus() { this.$refs.input?.focus(); },
  },
};

// Whether all that stands in an input is selected.
function isWhole(input) {
  return input.value !== "" && input.selectionStart === 0 && input.selectionEnd === input.value.length;
}

// By their bits: what addresses are called, and whether a text is one.
const ADDRESSES = {
  32: ["an IPv4 address", (text) => /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split(".").every((part) => part < 256)],
  48: ["a MAC address", (text) => /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text)],
  128: ["an IPv6 address", isIPv6],
};

function isIPv6(text) {
  try { return Boolean(new URL(`http://[${text}]/`)); } catch { return false; }
}
