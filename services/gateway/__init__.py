"""The only boundary: partners and people talk to the gateway, and to nothing else.

For: translating what partners submit into commands, and events into the copies that sharing agreements allow.
In: HTTP /v1 (api); from.<org>.v1, from.<org>.urgent.v1, <service>.events.v1, <service>.outcomes.v1 (exchange).
Out: registry.bulk.v1, <service>.commands.v1, to.<org>.v1, to.<org>.urgent.v1; HTTP reads of the services.
Owns: the database `gateway` (disclosures and their transparency log, copies still owed, parked records).
"""
