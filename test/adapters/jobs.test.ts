import { embedded, server } from "../contract/databases.ts";
import { jobsContract } from "../contract/jobs.ts";

jobsContract(embedded);
jobsContract(server);
