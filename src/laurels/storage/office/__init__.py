"""The stored data of the office: projects, keys, the audit log and the live workers."""
