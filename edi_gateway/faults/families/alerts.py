"""CFG-ALERT-: telling people of what is wrong."""

from edi_gateway.faults.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="CFG-ALERT-ROUTE",
        title="No such alert route",
        words='There is no alert route "{value}"; known: {known}.',
        fix="Add it to gateway.toml as [alerts.routes.{value}], with a url.",
    ),
    Entry(
        code="CFG-ALERT-NONE",
        title="No alert route",
        words="gateway.toml names no alert route, so nobody is told of what is wrong.",
        fix='Add [alerts.routes.ops] with url = "env:EDI_ALERT_OPS", as docs/how-to/alerts.md tells.',
    ),
    Entry(
        code="CFG-ALERT-EXTRA",
        title="Apprise not installed",
        words='The alert route "{value}" needs Apprise, which is not installed.',
        fix='Install it: pip install "edi-gateway[alerts]".',
    ),
    Entry(
        code="CFG-ALERT-ADDRESS",
        title="Alert address not understood",
        words='What the alert route "{value}" refers to is no address that Apprise understands.',
        fix="Write it as Apprise does, such as mailto://… or wecombot://…; docs/how-to/alerts.md shows each.",
    ),
    Entry(
        code="CFG-ALERT-UNSENT",
        title="Notice not taken",
        words='{service} did not take the notice for the alert route "{value}": {reason}.',
        fix="Check the address, its token and the network, then: edi-gateway alert test {value}",
    ),
    Entry(
        code="CFG-ALERT-INCIDENT",
        title="No such open incident",
        words="{value} is not the number of an open incident.",
        fix="edi-gateway alert list shows the open ones.",
    ),
)
