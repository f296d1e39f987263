// Reads calendars as ical.js does: a line of JSON asks, a line answers.
const path = require("path");
const readline = require("readline");

(async () => {
  const found = await import(require.resolve("ical.js", { paths: [__dirname] }));
  const ICAL = found.default || found;
  const lines = readline.createInterface({ input: process.stdin });
  for await (const line of lines) {
    const asked = JSON.parse(line);
    const calendar = new ICAL.Component(ICAL.parse(asked.text));
    for (const zone of calendar.getAllSubcomponents("vtimezone")) {
      ICAL.TimezoneService.register(new ICAL.Timezone(zone));
    }
    const events = calendar.getAllSubcomponents("vevent").map((one) => {
      const event = new ICAL.Event(one);
      return {
        uid: event.uid,
        sequence: event.sequence,
        status: one.getFirstPropertyValue("status"),
        summary: event.summary,
        description: event.description,
        location: event.location,
        wall: event.startDate.toString(),
        ends: event.endDate.toString(),
        instant: event.startDate.toJSDate().toISOString(),
        zone: event.startDate.zone.tzid,
      };
    });
    process.stdout.write(JSON.stringify({ name: calendar.getFirstPropertyValue("x-wr-calname"), events }) + "\n");
    ICAL.TimezoneService.reset();
  }
})();
