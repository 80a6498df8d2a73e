import { embedded, server } from "../contract/databases.ts";
import { ledgerContract } from "../contract/ledger.ts";

ledgerContract(embedded);
ledgerContract(server);
