// Sends files that were chosen or dropped, one after the other, says how far that is, and can be
// cancelled.
//
// Emits "failed" with a sentence. The page goes to the document that the last file becomes, but
// stays where a file could not be opened, so that why can be read.
export default {
  props: { address: String, most: Number },
  emits: ["failed"],
  template: `
    <div>
      <input type="file" ref="pick" hidden multiple @change="take($event.target.files); $event.target.value = ''">
      <div v-if="name" class="work" role="status">
        <span>{{ sent < 1 ? "Sending" : "Opening" }} {{ name }}</span>
        <progress :value="sent < 1 ? sent : undefined" aria-label="Opening"></progress>
        <button type="button" class="work-cancel" @click="cancel">Cancel</button>
      </div>
    </div>`,
  data() { return { name: "", sent: 0, request: null, waiting: [], opened: null, failed: false }; },
  methods: {
    choose() { this.$refs.pick.click(); },
    take(files) {
      this.waiting.push(...files);
      if (!this.request) this.next();
    },
    next() {
      const file = this.waiting.shift();
      if (!file) this.finish();
      else if (file.size > this.most) this.fail(`${file.name} has more than ${this.most} bytes`);
      else this.send(file);
    },
    send(file) {
      const request = new XMLHttpRequest();
      request.open("POST", `${this.address}?name=${encodeURIComponent(file.name)}`);
      request.responseType = "json";
      request.upload.onprogress = (event) => { this.sent = event.loaded / Math.max(1, event.total); };
      request.onload = () => {
        const answer = request.response || {};
        if (!answer.document) return this.fail(answer.problem || `${file.name} could not be opened`);
        this.opened = answer.document;
        this.end();
        this.next();
      };
      request.onerror = () => this.fail("the editor did not answer; try again");
      request.send(file);
      Object.assign(this, { name: file.name, sent: 0, request });
    },
    cancel() {
      this.request.abort();
      this.waiting = [];
      this.end();
      this.finish();
    },
    fail(sentence) {
      this.failed = true;
      this.end();
      this.$emit("failed", sentence);
      this.next();
    },
    end() { Object.assign(this, { name: "", sent: 0, request: null }); },
    finish() {
      const { opened, failed } = this;
      Object.assign(this, { opened: null, failed: false });
      if (opened && !failed) window.location.assign(`/d/${opened}`);
    },
  },
};
