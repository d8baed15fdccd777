// Makes the replica set, and a user per process who may use its service's database alone; safe to repeat.
const users = JSON.parse(require("fs").readFileSync("/run/simpul/users.json", "utf8"));
const root = require("fs").readFileSync("/run/simpul/root.password", "utf8");
db.getSiblingDB("admin").auth("simpul", root);

try {
  rs.status();
} catch (error) {
  if (error.codeName !== "NotYetInitialized") throw error;
  rs.initiate({ _id: "rs0", members: [{ _id: 0, host: `${process.env.MONGO_HOST}:27017` }] });
}
while (!db.hello().isWritablePrimary) sleep(200);

const admin = db.getSiblingDB("admin");
for (const [name, { password, database }] of Object.entries(users)) {
  const account = { pwd: password, roles: [{ role: "readWrite", db: database }] };
  if (admin.getUser(name)) admin.updateUser(name, account);
  else admin.createUser({ user: name, ...account });
}
