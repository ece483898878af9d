// Sends a file that was chosen or dropped, says how far that is, and can be cancelled.
//
// Emits "failed" with a sentence. The page goes to the document that the file becomes.
export default {
  props: { address: String, most: Number },
  emits: ["failed"],
  template: `
    <div>
      <input type="file" ref="pick" hidden @change="take($event.target.files); $event.target.value = ''">
      <div v-if="name" class="work" role="status">
        <span>{{ sent < 1 ? "Sending" : "Opening" }} {{ name }}</span>
        <progress :value="sent < 1 ? sent : undefined" aria-label="Opening"></progress>
        <button type="button" class="work-cancel" @click="cancel">Cancel</button>
      </div>
    </div>`,
  data() { return { name: "", sent: 0, request: null }; },
  methods: {
    choose() { this.$refs.pick.click(); },
    take(files) {
      const file = files && files[0];
      if (!file || this.request) return;
      if (file.size > this.most) {
        this.$emit("failed", `a file may have ${this.most} bytes at most`);
        return;
      }
      const request = new XMLHttpRequest();
      request.open("POST", `${this.address}?name=${encodeURIComponent(file.name)}`);
      request.responseType = "json";
      request.upload.onprogress = (event) => { this.sent = event.loaded / Math.max(1, event.total); };
      request.onload = () => {
        const answer = request.response || {};
        if (answer.document) window.location.assign(`/d/${answer.document}`);
        else this.fail(answer.problem || "the file could not be opened");
      };
      request.onerror = () => this.fail("the editor did not answer; try again");
      request.send(file);
      Object.assign(this, { name: file.name, sent: 0, request });
    },
    cancel() {
      this.request.abort();
      this.end();
    },
    fail(sentence) {
      this.end();
      this.$emit("failed", sentence);
    },
    end() { Object.assign(this, { name: "", sent: 0, request: null }); },
  },
};
