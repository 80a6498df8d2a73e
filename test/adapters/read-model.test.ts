import { embedded, server } from "../contract/databases.ts";
import { readModelContract } from "../contract/read-model.ts";

readModelContract(embedded);
readModelContract(server);
