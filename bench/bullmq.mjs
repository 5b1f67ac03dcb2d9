// bullmq.mjs - jobs through BullMQ: `bullmq.mjs work PORT` does them, `bullmq.mjs load PORT AT_ONCE SECONDS` adds them and waits for
// each result, and prints how many ended in how long.  PORT is Redis's; the modules are those of the working folder.
import { createRequire } from "node:module";
import { setTimeout as sleep } from "node:timers/promises";

const { Queue, QueueEvents, Worker } = createRequire(process.cwd() + "/")("bullmq");
const [mode, port, atOnce, seconds] = process.argv.slice(2);
const connection = { host: "127.0.0.1", port: Number(port), maxRetriesPerRequest: null };
const AT_ONCE_BY_WORKER = 64, PATIENCE_MS = 500;

async function work() {
	const worker = new Worker("bench", async (job) => job.data, { connection, concurrency: AT_ONCE_BY_WORKER });
	await worker.waitUntilReady();
	console.log("ready");
	process.stdin.resume().on("end", () => process.exit(0));
}

async function load() {
	const queue = new Queue("bench", { connection });
	const events = new QueueEvents("bench", { connection });
	for (const emitter of [queue, events]) emitter.setMaxListeners(0); // each wait is a listener
	await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);

	let jobs = 0, lost = 0;
	const one = async () => {
		for (;;) {
			const job = await queue.add("echo", { n: jobs });
			try {
				await job.waitUntilFinished(events, PATIENCE_MS);
				jobs++;
			} catch {
				lost++; // it happens that the event of a job's end never comes
			}
		}
	};
	for (let i = 0; i < Number(atOnce); i++) one();
	await sleep(Number(seconds) * 1000);
	console.log(JSON.stringify({ jobs, lost, seconds: Number(seconds) }));
	process.exit(0);
}

await { work, load }[mode]();
