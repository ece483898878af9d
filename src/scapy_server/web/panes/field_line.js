// A field's row: its name, the input in which it is edited where it stands, where it lies, where
// its value is from, and the button of its menu. What else there is to it stands in the slot.
//
// One component, as a page has hundreds: what is drawn anew at an edit is only what changed.
// Emits "update:value" with what is typed, "keydown" with keys in the input, "blur" when it is
// left, but not for the list of what may be chosen, "sign" when what stands at its end is
// clicked, and "menu".
export default {
  props: {
    id: String, value: String, path: String, name: String, about: String, was: String,
    absent: Boolean, depth: Number, editable: Boolean, sign: String, place: String, size: String,
    source: String, invalid: String, loopback: Boolean, error: String,
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
      <slot></slot>
    </div>`,
  data() { return { typed: this.value }; },
  watch: {
    value(text) { this.typed = text; },
  },
  methods: {
    type(text) {
      this.typed = text;
      this.$emit("update:value", text);
    },
    leave(event) {
      if (!event.relatedTarget?.closest?.(".choices")) this.$emit("blur");
    },
    updateValue() { this.typed = this.value; },
    focus() { this.$refs.input?.focus(); },
  },
};
