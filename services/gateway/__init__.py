"""The only boundary: partners and people talk to the gateway, and to nothing else.

For: translating what partners submit into commands, and events into the copies that sharing agreements allow.
In: HTTP /v1 (api); from.<org>.v1, from.<org>.urgent.v1, <service>.events.v1, <service>.outcomes.v1 (exchange);
gateway.commands.v1 (exchange of loads), gateway.events.v1 (all, whole).
Out: registry.bulk.v1, <service>.commands.v1, to.<org>.v1, to.<org>.urgent.v1, gateway.events.v1, gateway.outcomes.v1;
HTTP reads of the services.
Owns: the database `gateway` (agreements, disclosures and their transparency log, copies still owed, dead letters).
"""
